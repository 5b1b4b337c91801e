import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { pagePath, refreshPage } from './component-page.ts';

for (const entry of commands) {
  test(`the page of ${entry.name} shows its flags as they are`, async () => {
    const path = pagePath(entry.name);
    assert.ok(existsSync(path), `${path} is missing: npm run docs`);
    const page = readFileSync(path, 'utf8');
    const command = await entry.load();
    assert.equal(command.name, entry.name);
    assert.equal(command.summary, entry.summary);
    assert.equal(page, refreshPage(page, command), `${path} is out of date: npm run docs`);
  });
}
