/**
 * Preloaded into every thread of a program under test: its clock runs ENDURANCE_SPEED times as fast as the machine's,
 * counted from ENDURANCE_START_MS, so that hours pass in minutes. CPU, disk and network stay as fast as they are.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const speed = Number(process.env.ENDURANCE_SPEED);
const startMs = Number(process.env.ENDURANCE_START_MS);
const wallNow = Date.now;
const monotonicNow = performance.now.bind(performance);

Date.now = () => Math.round(startMs + (wallNow() - startMs) * speed);
performance.now = () => monotonicNow() * speed;

const require = createRequire(import.meta.url);
hasten(globalThis, 'setTimeout', 1);
hasten(globalThis, 'setInterval', 1);
const timers: unknown = require('node:timers');
hasten(timers, 'setTimeout', 1);
hasten(timers, 'setInterval', 1);
hasten(require('node:timers/promises'), 'setTimeout', 0);
syncBuiltinESMExports();

/** Divides the delay that a function takes as one of its arguments. */
function hasten(holder: unknown, name: string, delayIndex: number): void {
  const functions = holder as Record<string, (...given: unknown[]) => unknown>;
  const original = functions[name];
  if (original === undefined) return;
  const faster = (...given: unknown[]): unknown => {
    const delay = given[delayIndex];
    if (typeof delay === 'number') given[delayIndex] = delay / speed;
    return original(...given);
  };
  functions[name] = Object.assign(faster, original);
}
