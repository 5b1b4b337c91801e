#!/usr/bin/env node
// Written without new syntax: an old Node must get as far as the message.
import { existsSync } from 'node:fs';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`tsanos needs Node 24 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}
const source = new URL('../src/cmd/main.ts', import.meta.url);
const built = new URL('../dist/cmd/main.js', import.meta.url);
import(existsSync(source) ? source.href : built.href);
