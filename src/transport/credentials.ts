import type { FileSystem } from '../base/file-system.ts';
import type { SecretText } from './client-settings.ts';

/** A file is read anew each time, without the white space around its content. Throws OperationError naming the file. */
export function readSecret(files: FileSystem, secret: SecretText): string {
  if (secret.kind === 'text') return secret.text;
  return new TextDecoder().decode(files.readFile(secret.path)).trim();
}

/** The value of an Authorization header. */
export function basicCredentials(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
