/**
 * `npm run bench -- [ROW…] [--size s|m|l] [--json FILE] [--prometheus.binary PATH]`: paired benchmarks against
 * the peers found on this machine. Without rows all of them, without a size all three. Progress goes to stderr,
 * the table to stdout.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DATA_SETS, type Size } from './data-set.ts';
import { measurePairs, PAIRS } from './measure.ts';
import type { Bench, Row } from './row.ts';
import { grpcSeriesRow } from './rows/grpc-series.ts';
import { blockBytesRow, headCompactionRow } from './rows/head-compaction.ts';
import { headMemoryRow } from './rows/head-memory.ts';
import { mainJobRow } from './rows/main-job.ts';
import { queryRows } from './rows/queries.ts';
import { restartRow } from './rows/restart.ts';
import { scrapeRow } from './rows/scrape.ts';
import { walAppendRow, walReplayRow } from './rows/wal.ts';
import { xorDecodeRow } from './rows/xor-decode.ts';
import { printTable, type Result, slopeOf } from './table.ts';

const rows: readonly Row[] = [
  xorDecodeRow,
  walAppendRow,
  walReplayRow,
  restartRow,
  headMemoryRow,
  headCompactionRow,
  blockBytesRow,
  scrapeRow,
  ...queryRows,
  grpcSeriesRow,
  mainJobRow,
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', multiple: true },
    json: { type: 'string' },
    'prometheus.binary': { type: 'string', default: 'prometheus' },
  },
});
const bench: Bench = {
  dataDirectory: new URL('../data/bench/', import.meta.url).pathname,
  prometheusBinary: options['prometheus.binary'],
  progress: (text) => console.error(`bench: ${text}`),
};
const sizes = (options.size ?? Object.keys(DATA_SETS)).map(sizeOf);
const chosen = positionals.length === 0 ? rows : positionals.map(rowOf);
const results: Result[] = [];
const labels = new Set<string>();
for (const row of chosen) {
  for (const size of row.sizes.filter((one) => sizes.includes(one))) await runRow(row, size);
}
console.log(`CPU time (head-memory: bytes), median of ${PAIRS} interleaved pairs`);
for (const label of labels) console.log(`  ${label}`);
console.log(`\n${printTable(results)}`);
if (options.json !== undefined) writeFileSync(options.json, jsonOf(results));

function sizeOf(text: string): Size {
  if (text in DATA_SETS) return text as Size;
  throw new Error(`--size ${text}: there are ${Object.keys(DATA_SETS).join(', ')}`);
}

function rowOf(name: string): Row {
  const row = rows.find((one) => one.name === name);
  if (row !== undefined) return row;
  throw new Error(`no row ${name}: there are ${rows.map((one) => one.name).join(', ')}`);
}

async function runRow(row: Row, size: Size): Promise<void> {
  await using stack = new AsyncDisposableStack();
  for (const contest of await row.open(bench, size, stack)) {
    const name = [row.name, size, contest.variant].filter((part) => part !== '').join(' ');
    bench.progress(`${name}: ${await contest.compare()}`);
    const figures = await measurePairs(contest);
    bench.progress(`${name}: ${figures.ratio.toFixed(2)}`);
    for (const side of [contest.ours, contest.peer]) labels.add(side.label);
    results.push({ row, size, variant: contest.variant, work: contest.work, ...figures });
  }
}

function jsonOf(all: readonly Result[]): string {
  const plain = all.map((result) => {
    const { row, ...figures } = result;
    const { name, unit, floor, goal } = row;
    return { row: name, unit, floor, goal, ...figures, slope: slopeOf(all, result) };
  });
  return `${JSON.stringify({ labels: [...labels], results: plain }, undefined, 2)}\n`;
}
