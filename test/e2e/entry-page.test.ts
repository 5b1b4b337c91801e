import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { entryPageRoute } from '../../src/operate/entry-page.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import { createReadiness } from '../../src/telemetry/readiness.ts';
import { type HttpRoute, jsonAnswer } from '../../src/transport/http-route.ts';
import { startHttpServer } from '../../src/transport/http-server.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';

const CHROMIUM = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A system of one broken and one good store; `asked` are the forms of the queries. */
function fakeSystem(asked: URLSearchParams[]): readonly HttpRoute[] {
  const store = (name: string, lastError: string | null) => ({
    name,
    lastError,
    labelSets: [{ replica: name }],
    minTime: 1,
    maxTime: 2,
  });
  return [
    {
      methods: ['GET'],
      path: '/-/queriers',
      handle: () =>
        jsonAnswer(200, [{ url: 'http://q:1', isUp: true, reason: '', sinceMs: 0, inflight: 0 }]),
    },
    {
      methods: ['GET'],
      path: '/api/v1/stores',
      handle: () =>
        jsonAnswer(200, {
          status: 'success',
          data: { sidecar: [store('A', null), store('B', 'connection <refused>')] },
        }),
    },
    {
      methods: ['POST'],
      path: '/api/v1/query_range',
      handle({ query }) {
        asked.push(query);
        const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(query.get(name)));
        if (query.get('query') === 'bad') {
          return jsonAnswer(400, {
            status: 'error',
            errorType: 'bad_data',
            error: '1:1: <b>no</b>',
          });
        }
        const values: [number, string][] = [];
        for (let time = start; time <= end; time += step) values.push([time, String(time - start)]);
        values.splice(5, 5); // a gap
        const result = ['x', 'y'].map((job) => ({
          metric: { __name__: 'up', job, zone: '1' },
          values,
        }));
        const data = { resultType: 'matrix', result };
        return jsonAnswer(200, { status: 'success', data, warnings: ['one store is away'] });
      },
    },
  ];
}

test('the page draws a query, shows the stores and obeys its own policy', async () => {
  const html = readFileSync('assets/entry.html', 'utf8');
  const asked: URLSearchParams[] = [];
  const metrics = createMetricRegistry();
  await using server = await startHttpServer({
    address: '127.0.0.1:0',
    gracePeriodMs: 0,
    webConfigPath: '',
    routePrefix: '',
    allowOtherOrigins: false,
    routes: [entryPageRoute(html), ...fakeSystem(asked)],
    metrics,
    readiness: createReadiness(metrics, 'entry'),
    logger: silentLogger,
    clock: realClock,
    files: realFileSystem,
  });
  await using browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: CHROMIUM,
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('400'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${server.url}/#expr=up&range=900`);
  await page.locator('#legend li').nth(1).waitFor();
  assert.deepEqual(await page.locator('#legend code').allTextContents(), [
    '{job="x"}',
    '{job="y"}',
  ]);
  assert.match(await page.locator('#status').innerText(), /2 series .*up\{zone="1"\}/);
  assert.equal(await page.locator('#warning').innerText(), 'one store is away');
  const path = (await page.locator('path.series').first().getAttribute('d')) ?? '';
  assert.equal(path.match(/M/g)?.length, 2, 'the gap parts the line');
  assert.match(await page.locator('#health').innerText(), /1 of 2 stores, 1 of 1 queriers up/);
  assert.equal(await page.locator('#stores .more.bad').innerText(), 'connection <refused>');
  await page.locator('#plot').hover();
  assert.equal(await page.locator('#tip div').count(), 2);
  await page.locator('#dedup').click();
  await page.waitForFunction("location.hash.includes('dedup=false')");
  await page.locator('#expr').fill('bad');
  await page.locator('button.run').click();
  await page.locator('#error').waitFor();
  assert.equal(await page.locator('#error').innerText(), 'bad_data: 1:1: <b>no</b>');
  assert.deepEqual(asked.map((form) => form.get('dedup')).slice(0, 2), ['true', 'false']);
  assert.deepEqual(complaints, []);
});
