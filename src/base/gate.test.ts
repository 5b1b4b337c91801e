import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Gate } from './gate.ts';

test('a gate lets in as many as its limit, then in order of arrival', async () => {
  const gate = new Gate(2);
  const seen: number[] = [];
  const leaveFirst = await gate.enter();
  const leaveSecond = await gate.enter();
  const waiting = [3, 4].map(async (n) => {
    const leave = await gate.enter();
    seen.push(n);
    return leave;
  });
  assert.deepEqual([gate.held, gate.waiting], [2, 2]);
  leaveFirst();
  const leaveThird = await waiting[0];
  assert.deepEqual(seen, [3]);
  leaveSecond();
  const leaveFourth = await waiting[1];
  leaveThird?.();
  leaveFourth?.();
  assert.deepEqual([seen, gate.held, gate.waiting], [[3, 4], 0, 0]);
});

test('who gives up waiting loses the place and nobody else does', async () => {
  const gate = new Gate(1);
  const leave = await gate.enter();
  const impatient = new AbortController();
  const lost = gate.enter(impatient.signal);
  const patient = gate.enter();
  impatient.abort(new Error('enough'));
  await assert.rejects(lost, /enough/);
  leave();
  (await patient)();
  assert.equal(gate.held, 0);
  await assert.rejects(gate.enter(impatient.signal), /enough/);
});
