/**
 * Azure Blob Storage on loopback: Microsoft's own stand-in. It and what it needs are 365 MB, which only tests of this
 * provider want: it lies in a directory with a lock file of its own (peers/azurite), and `npm ci` of the project
 * stays quick.
 */
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, startProgram } from '../real-programs.ts';

export interface Azurite extends AsyncDisposable {
  readonly endpoint: string;
  readonly account: string;
}

const MAIN = '../../../peers/azurite/node_modules/azurite/dist/src/blob/main.js';
const path = fileURLToPath(new URL(MAIN, import.meta.url));
/** Its account, with the key that everybody knows. */
const ACCOUNT = 'devstoreaccount1';
const KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export const skipAzurite: string | false = existsSync(path)
  ? false
  : 'azurite is not installed (npm ci --prefix peers/azurite)';

export async function startAzurite(): Promise<Azurite> {
  const port = await freePort();
  const endpoint = `127.0.0.1:${port}`;
  const place = ['--blobHost', '127.0.0.1', '--blobPort', String(port)];
  const rest = ['--inMemoryPersistence', '--silent', '--skipApiVersionCheck'];
  const program = startProgram(process.execPath, [path, ...place, ...rest], `http://${endpoint}`);
  while ((await fetch(program.url).catch(() => undefined)) === undefined) {
    assert.equal(program.child.exitCode, null, program.output());
    await sleep(50);
  }
  return {
    endpoint,
    account: ACCOUNT,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
    },
  };
}

/** `endpoint` is host:port, of azurite or of what stands before it. */
export function connectionString(endpoint: string): string {
  const account = `AccountName=${ACCOUNT};AccountKey=${KEY}`;
  return `DefaultEndpointsProtocol=http;${account};BlobEndpoint=http://${endpoint}/${ACCOUNT};`;
}
