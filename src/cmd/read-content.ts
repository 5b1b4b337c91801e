/** Reads what a `--x-file` / `--x` pair names and puts environment variables into it. */
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { ContentSource } from './options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text with every `$(NAME)` replaced. A variable that is not set is an error: an empty password is worse than none.
 * Throws OperationError naming the flag.
 */
export function readContent(source: ContentSource, files: FileSystem, env: Environment): string {
  if (source.kind === 'inline') return expandVariables(source.content, env, `--${source.flag}`);
  const bytes = files.readFile(source.path);
  return expandVariables(new TextDecoder().decode(bytes), env, source.path);
}

/** `where` names the text in errors: a flag or a file. */
export function expandVariables(text: string, env: Environment, where: string): string {
  return text.replace(/\$\(([A-Za-z0-9_]+)\)/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined) {
      const message = `cannot expand $(${name}) in ${where}: the variable is not set`;
      throw new OperationError('bad-data', message);
    }
    return value;
  });
}
