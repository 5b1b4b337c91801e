/**
 * The machine as a node_exporter tells of it, as far as a look at a running system needs it: processors, memory, load,
 * network, and the disk that holds the data. Same names and labels, so that dashboards made for it work. Linux only:
 * what /proc does not tell is left out or not a number.
 */
import { hostname, machine, release, type, version } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import {
  type LabeledSample,
  type MetricRegistry,
  type SampledFamily,
  sampledFamily,
} from './metrics.ts';

export interface HostMetricsOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  /** Its disk is the one that is watched. */
  readonly dataDirectory: string;
}

/** Every value is taken when it is scraped. */
export function observeHost(registry: MetricRegistry, options: HostMetricsOptions): void {
  const host = new Host(options);
  const families = [...machineFamilies(host), ...diskFamilies(host)];
  registry.declare(Object.fromEntries(families.map((one) => [one.name, sampledFamily(one)])));
}

function machineFamilies(host: Host): readonly SampledFamily[] {
  const plain = (
    kind: SampledFamily['kind'],
    name: string,
    help: string,
    value: () => number,
  ): SampledFamily => ({
    name,
    help,
    kind,
    labelNames: [],
    sample: () => [{ labels: {}, value: value() }],
  });
  return [
    {
      name: 'node_cpu_seconds_total',
      help: 'Seconds the CPUs spent in each mode.',
      kind: 'counter',
      labelNames: ['cpu', 'mode'],
      sample: () => host.processors(),
    },
    ...MEMORY.map((field) =>
      plain('gauge', `node_memory_${field}_bytes`, `Memory information field ${field}_bytes.`, () =>
        host.memoryBytes(field),
      ),
    ),
    ...[1, 5, 15].map((minutes, i) =>
      plain('gauge', `node_load${minutes}`, `${minutes}m load average.`, () => host.load(i)),
    ),
    plain('gauge', 'node_boot_time_seconds', 'Node boot time, in unixtime.', () => host.bootTime()),
    plain('gauge', 'node_time_seconds', 'System time in seconds since epoch (1970).', () =>
      host.nowSeconds(),
    ),
    {
      name: 'node_uname_info',
      help: 'Labeled system information as provided by the uname system call.',
      kind: 'gauge',
      labelNames: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
      sample: () => [{ labels: unameLabels(), value: 1 }],
    },
    ...NETWORK.map(
      ({ name, column }): SampledFamily => ({
        name,
        help: `Network device statistic ${name.replace(/^node_network_|_total$/g, '')}.`,
        kind: 'counter',
        labelNames: ['device'],
        sample: () => host.network(column),
      }),
    ),
  ];
}

function diskFamilies(host: Host): readonly SampledFamily[] {
  const disk = (name: string, help: string, bytes: () => number): SampledFamily => ({
    name,
    help,
    kind: 'gauge',
    labelNames: ['device', 'fstype', 'mountpoint'],
    sample: () => (host.hasDisk() ? [{ labels: host.mount(), value: bytes() }] : []),
  });
  return [
    disk(
      'node_filesystem_avail_bytes',
      'Filesystem space available to non-root users in bytes.',
      () => host.freeBytes(),
    ),
  ];
}

const MEMORY = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'SwapTotal',
  'SwapFree',
];
const NETWORK = [
  { name: 'node_network_receive_bytes_total', column: 0 },
  { name: 'node_network_transmit_bytes_total', column: 8 },
];
/** The columns of /proc/stat, in hundredths of a second. */
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];
const TICKS_PER_SECOND = 100;

function unameLabels(): Readonly<Record<string, string>> {
  return {
    sysname: type(),
    release: release(),
    version: version(),
    machine: machine(),
    nodename: hostname(),
    domainname: '(none)',
  };
}

class Host {
  readonly #options: HostMetricsOptions;

  constructor(options: HostMetricsOptions) {
    this.#options = options;
  }

  processors(): readonly LabeledSample[] {
    return [...this.#read('/proc/stat').matchAll(/^cpu(\d+) (.*)$/gm)].flatMap(([, cpu, line]) => {
      const ticks = line.split(' ').map(Number);
      return MODES.map((mode, i) => ({
        labels: { cpu, mode },
        value: (ticks[i] ?? 0) / TICKS_PER_SECOND,
      }));
    });
  }

  memoryBytes(field: string): number {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(this.#read('/proc/meminfo'));
    return match === null ? Number.NaN : Number(match[1]) * 1024;
  }

  load(i: number): number {
    return Number.parseFloat(this.#read('/proc/loadavg').split(' ')[i] ?? '');
  }

  bootTime(): number {
    return Number(/^btime (\d+)$/m.exec(this.#read('/proc/stat'))?.[1] ?? Number.NaN);
  }

  nowSeconds(): number {
    return this.#options.clock.nowMs() / 1000;
  }

  network(column: number): readonly LabeledSample[] {
    return [...this.#read('/proc/net/dev').matchAll(/^\s*(\S+):\s*(.*)$/gm)].map(
      ([, device, line]) => ({
        labels: { device },
        value: Number(line.split(/\s+/)[column] ?? 0),
      }),
    );
  }

  hasDisk(): boolean {
    return this.#options.files.stat(this.#options.dataDirectory) !== undefined;
  }

  freeBytes(): number {
    return this.#options.files.freeBytes(this.#options.dataDirectory);
  }

  /** The mount that holds the data directory: the one with the longest path above it. */
  mount(): Readonly<Record<string, string>> {
    const below = `${this.#options.dataDirectory}/`;
    const mounts = this.#read('/proc/self/mounts')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, path = '']) => path !== '' && below.startsWith(path === '/' ? path : `${path}/`))
      .sort(([, a], [, b]) => b.length - a.length);
    const [device = '', mountpoint = '/', fstype = ''] = mounts[0] ?? [];
    return { device, fstype, mountpoint };
  }

  /** '' where there is no such file. */
  #read(path: string): string {
    const { files } = this.#options;
    return files.stat(path) === undefined ? '' : new TextDecoder().decode(files.readFile(path));
  }
}
