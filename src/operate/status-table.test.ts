import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { ComponentSpec, ComponentState } from './component.ts';
import { isRemarkable } from './component-log.ts';
import { printStatusTable } from './status-table.ts';

const spec = (name: string, ...hostPorts: readonly string[]): ComponentSpec => ({
  name,
  kind: '',
  reads: [],
  file: '',
  args: [],
  readyUrl: '',
  addresses: hostPorts.map((hostPort, i) => ({ protocol: i === 0 ? 'HTTP' : 'gRPC', hostPort })),
});
const state = (more: Partial<ComponentState>): ComponentState => ({
  phase: 'ready',
  pid: undefined,
  restarts: 0,
  reason: '',
  sinceMs: 0,
  lastEnd: undefined,
  ...more,
});

test('the table has a line a component, in columns', () => {
  const rows = [
    { spec: spec('sidecar-a', '127.0.0.1:19181', '127.0.0.1:19191'), state: state({ pid: 12 }) },
    {
      spec: spec('entry', '127.0.0.1:9090'),
      state: state({ phase: 'restarting', restarts: 1, reason: 'exited with 1' }),
    },
  ];
  assert.equal(
    printStatusTable(rows, false),
    [
      '  component  HTTP             gRPC             pid  state',
      '● sidecar-a  127.0.0.1:19181  127.0.0.1:19191  12   ready',
      '↻ entry      127.0.0.1:9090                         restarting, restarted 1 time: exited with 1',
    ].join('\n'),
  );
  assert.ok(printStatusTable(rows, true).includes('\u001b[32m●\u001b[0m sidecar-a'));
});

test('warnings, errors and lines of no known form are for the operator', () => {
  const f = (line: string, want: boolean): void => assert.equal(isRemarkable(line), want, line);
  f('ts=1 caller=a.go:1 level=info msg=x', false);
  f('ts=1 caller=a.go:1 level=debug msg="level=errors"', false);
  f('ts=1 caller=a.go:1 level=warn msg=x', true);
  f('{"level":"error","msg":"x"}', true);
  f('{"level":"info","msg":"x"}', false);
  f('panic: runtime error', true);
});
