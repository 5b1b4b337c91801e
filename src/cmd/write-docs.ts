/** `npm run docs`: brings the flags in docs/components up to date. */
import { realFileSystem } from '../world/file-system.ts';
import { commands } from './commands.ts';
import { pagePath, refreshPage } from './component-page.ts';

for (const entry of commands) {
  const command = await entry.load();
  const path = pagePath(entry.name);
  const isNew = realFileSystem.stat(path) === undefined;
  const page = isNew ? undefined : new TextDecoder().decode(realFileSystem.readFile(path));
  realFileSystem.makeDirectory('docs/components');
  realFileSystem.writeFileAtomic(path, new TextEncoder().encode(refreshPage(page, command)));
}
