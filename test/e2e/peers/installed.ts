/** Which real programs this machine has. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A skip text that names the Debian package; false when the program is there. */
export function skipWithout(program: string, debianPackages: string): string | false {
  const directories = (process.env.PATH ?? '').split(delimiter);
  if (directories.some((directory) => isExecutable(join(directory, program)))) return false;
  return `${program} is not installed (apt-get install ${debianPackages})`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
