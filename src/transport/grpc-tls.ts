/** TLS of servers and clients from PEM files that may be replaced while the process runs. */
import type { SecureContextOptions, SecureVersion } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';

export interface TlsPaths {
  /** '' where a client has no certificate of its own. */
  readonly cert: string;
  readonly key: string;
  /** Who signs the other side: '' is, for a server, that clients need no certificate, for a client, the system's. */
  readonly ca: string;
  readonly minVersion: '1.0' | '1.1' | '1.2' | '1.3';
}

/** The files as they are now. Kept for as long as the server or client lives. */
export class TlsFiles {
  readonly #files: FileSystem;
  readonly #paths: TlsPaths;
  #seen = '';
  #context: SecureContextOptions = {};

  /** Throws OperationError naming the file that cannot be read, or 'bad-data' when they do not fit. */
  constructor(files: FileSystem, paths: TlsPaths) {
    this.#files = files;
    this.#paths = paths;
    this.#seen = this.#stamp();
    this.#context = this.#read();
  }

  get context(): SecureContextOptions {
    return this.#context;
  }

  get asksForCertificate(): boolean {
    return this.#paths.ca !== '';
  }

  /**
   * Reads the files again if they have changed; true when the context is a new one. Files that do not fit (a
   * replacement half done) leave it as it is until the next call.
   */
  refresh(): boolean {
    const stamp = this.#stamp();
    if (stamp === this.#seen) return false;
    try {
      this.#context = this.#read();
    } catch (error) {
      if (error instanceof OperationError) return false;
      throw error;
    }
    this.#seen = stamp;
    return true;
  }

  #stamp(): string {
    const { cert, key, ca } = this.#paths;
    const stats = [cert, key, ca].map((path) => (path === '' ? undefined : this.#files.stat(path)));
    return stats.map((stat) => `${stat?.modifiedMs}/${stat?.sizeBytes}`).join();
  }

  #read(): SecureContextOptions {
    const { cert, key, ca, minVersion } = this.#paths;
    const read = (path: string): Buffer => Buffer.from(this.#files.readFile(path));
    const context: SecureContextOptions = {
      minVersion: `TLSv${minVersion === '1.0' ? '1' : minVersion}` as SecureVersion,
      ...(cert === '' ? {} : { cert: read(cert), key: read(key) }),
      ...(ca === '' ? {} : { ca: read(ca) }),
    };
    try {
      createSecureContext(context);
    } catch (cause) {
      const what = `certificate ${cert} with key ${key} and CA ${ca}`;
      throw new OperationError('bad-data', `cannot use ${what}`, { cause });
    }
    return context;
  }
}
