import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { FileSystem } from '../base/file-system.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { observeHost } from './host-metrics.ts';
import { createMetricRegistry } from './metrics.ts';

async function page(files: FileSystem): Promise<string> {
  const registry = createMetricRegistry();
  observeHost(registry, { files, clock: realClock, dataDirectory: '/data/tsanos' });
  return (await registry.print('text')).body;
}

const PROC: Readonly<Record<string, string>> = {
  '/data/tsanos': '',
  '/proc/stat':
    'cpu  9 9 9 9\ncpu0 150 2 3 400 5 6 7 8 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\nbtime 1700000000\n',
  '/proc/meminfo': 'MemTotal:       2048 kB\nMemAvailable:    1024 kB\n',
  '/proc/loadavg': '0.25 1.50 2.00 1/100 4242\n',
  '/proc/net/dev':
    'Inter-| Receive | Transmit\n face |bytes\n    lo: 11 1 0 0 0 0 0 0 22 1 0 0 0 0 0 0\n  eth0:33 1 0 0 0 0 0 0 44 0 0 0 0 0 0 0\n',
  '/proc/self/mounts':
    '/dev/a / ext4 rw 0 0\n/dev/b /data xfs rw 0 0\n/dev/c /data/ts ext3 rw 0 0\n',
};
const fakeProc = {
  stat: (path: string) => (PROC[path] === undefined ? undefined : {}),
  readFile: (path: string) => new TextEncoder().encode(PROC[path]),
  freeBytes: () => 4711,
} as unknown as FileSystem;

test('what /proc tells has the names and labels of a node_exporter', async () => {
  const text = await page(fakeProc);
  for (const line of [
    'node_cpu_seconds_total{cpu="0",mode="user"} 1.5',
    'node_cpu_seconds_total{cpu="0",mode="idle"} 4',
    'node_cpu_seconds_total{cpu="1",mode="steal"} 0.01',
    'node_memory_MemTotal_bytes 2097152',
    'node_memory_MemAvailable_bytes 1048576',
    'node_load1 0.25',
    'node_load15 2',
    'node_boot_time_seconds 1700000000',
    'node_network_receive_bytes_total{device="lo"} 11',
    'node_network_transmit_bytes_total{device="eth0"} 44',
    'node_filesystem_avail_bytes{device="/dev/b",fstype="xfs",mountpoint="/data"} 4711',
    '# TYPE node_cpu_seconds_total counter',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in\n${text}`);
  }
  assert.match(text, /^node_memory_SwapFree_bytes NaN$/m, 'what is not told is no number');
});

test('the real machine is told of', async () => {
  const text = await page(realFileSystem);
  const [, total] = /^node_memory_MemTotal_bytes (\S+)$/m.exec(text) ?? [];
  const [, known] = /^MemTotal: +(\d+) kB/m.exec(
    execFileSync('cat', ['/proc/meminfo'], { encoding: 'utf8' }),
  ) ?? ['', ''];
  assert.equal(Number(total), Number(known) * 1024);
  assert.doesNotMatch(text, /^node_filesystem/m, 'there is no such directory');
  assert.match(text, /^node_uname_info\{.*sysname="Linux".*\} 1$/m);
});
