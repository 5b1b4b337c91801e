/** The output of one component in a file of its own, which starts anew when it is full; the former one is kept. */
import type { FileSystem } from '../base/file-system.ts';

const FILE_BYTES_MAX = 10 << 20;

export class ComponentLog {
  #path: string;
  #files: FileSystem;
  #sizeBytes: number;

  constructor(path: string, files: FileSystem) {
    this.#path = path;
    this.#files = files;
    this.#sizeBytes = files.stat(path)?.sizeBytes ?? 0;
  }

  add(line: string): void {
    const bytes = new TextEncoder().encode(`${line}\n`);
    if (this.#sizeBytes + bytes.length > FILE_BYTES_MAX) {
      this.#files.rename(this.#path, `${this.#path}.old`);
      this.#sizeBytes = 0;
    }
    this.#files.append(this.#path, bytes);
    this.#sizeBytes += bytes.length;
  }
}

/** Whether an operator should see the line at once: warnings and errors, of our log or of Prometheus'. */
export function isRemarkable(line: string): boolean {
  return (
    /\blevel=(warn|error)\b|"level":"(warn|error)"/.test(line) || !/\blevel=|"level":/.test(line)
  );
}
