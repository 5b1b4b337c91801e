import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { silentLogger } from '../telemetry/logger.ts';
import { readSpans } from '../telemetry/testing/otlp-spans.ts';
import { serve } from '../transport/testing/http.ts';
import { parseTracingConfig } from '../transport/tracing-config.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { ReloadableTracer } from './start-tracing.ts';

test('a reload sends what waits, and what comes after it elsewhere', async () => {
  const sent: string[] = [];
  await using collector = await serve(async (request, response) => {
    const spans = readSpans(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)));
    sent.push(...spans.map(({ service, name }) => `${service} ${name}`));
    response.end();
  });
  const configOf = (service: string) =>
    parseTracingConfig(
      `type: OTLP\nconfig: {client_type: http, endpoint: "127.0.0.1:${collector.port}", insecure: true, service_name: ${service}}`,
      't.yml',
    );
  const tracer = new ReloadableTracer({
    files: realFileSystem,
    clock: realClock,
    logger: silentLogger,
  });
  const finish = (name: string): void => tracer.start(name).end();
  finish('before');
  await tracer.apply(configOf('a'));
  finish('one');
  await tracer.apply(configOf('a'));
  assert.deepEqual(sent, [], 'an equal configuration changes nothing');
  await tracer.apply(configOf('b'));
  assert.deepEqual(sent, ['a one'], 'what was waiting is sent before the change');
  finish('two');
  await tracer.apply(undefined);
  finish('after');
  await tracer.close();
  assert.deepEqual(sent, ['a one', 'b two']);
});
