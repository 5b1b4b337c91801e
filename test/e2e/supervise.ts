/**
 * A supervisor over two fake components, as a program: `supervise.ts DIRECTORY PORT PORT`. Prints one line of JSON for
 * each change, and one with the guardian.
 */
import type { ComponentSpec } from '../../src/operate/component.ts';
import { startSupervisor } from '../../src/operate/supervisor.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createHttpClient } from '../../src/transport/http-client.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { realProcessHost } from '../../src/world/process-host.ts';

const COMPONENT = `
const [port, name] = process.argv.slice(1);
console.log('level=warn msg=hello');
process.on('SIGTERM', () => { console.log('level=warn msg=bye'); process.exit(0); });
require('node:http').createServer((_, response) => response.end('OK')).listen(port, '127.0.0.1');
`;

const [dataDirectory, ...ports] = process.argv.slice(2);
const specs = ports.map((port, i): ComponentSpec => {
  const name = `fake-${i + 1}`;
  return {
    name,
    kind: 'fake',
    reads: [],
    file: process.execPath,
    args: ['-e', COMPONENT, port, name],
    addresses: [{ protocol: 'HTTP', hostPort: `127.0.0.1:${port}` }],
    readyUrl: `http://127.0.0.1:${port}/`,
  };
});
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const client = createHttpClient(realFileSystem);
try {
  const supervisor = await startSupervisor({
    groups: specs.map((spec) => [spec]),
    dataDirectory,
    entryUrl: specs[0].readyUrl,
    stopGraceMs: 5000,
    ownPid: process.pid,
    files: realFileSystem,
    processes: realProcessHost,
    client,
    clock: realClock,
    logger: silentLogger,
    prepare: () => undefined,
    onLine: (name, line) => print({ name, line }),
    onChange: ({ name }, { phase, pid, restarts, reason }) =>
      print({ name, phase, pid, restarts, reason }),
  });
  print({ guardian: supervisor.guardianPid });
  process.once('SIGTERM', async () => {
    await supervisor[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    process.exit(0);
  });
} catch (error) {
  print({ error: String(error) });
  process.exit(1);
}
