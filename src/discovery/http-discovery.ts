/** Targets that an HTTP service lists as JSON. Source: http_sd of Prometheus 3.14. */
import { deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { HttpClient, HttpClientAnswer } from '../transport/http-client.ts';
import type { DiscoveryConfig } from './discovery-config.ts';
import { goneGroups, readGroups } from './read-groups.ts';
import { type DiscoveryRun, refreshForever } from './refresh.ts';
import type { TargetGroup } from './target-group.ts';

type HttpConfig = Extract<DiscoveryConfig, { readonly kind: 'http' }>;

const JSON_TYPE = /^application\/json(?:;\s*charset=(?:"utf-8"|utf-8))?$/i;

export async function runHttpDiscovery(
  { url, refreshIntervalMs }: HttpConfig,
  client: HttpClient,
  run: DiscoveryRun,
): Promise<void> {
  let lastCount = 0;
  const ask = async (): Promise<readonly TargetGroup[]> => {
    const { signal, clear } = deadlineSignal(run.clock, refreshIntervalMs, run.signal);
    try {
      const headers = {
        accept: 'application/json',
        'x-prometheus-refresh-interval-seconds': String(refreshIntervalMs / 1000),
      };
      const answer = await client.request({ method: 'GET', url, headers, signal });
      const text = await jsonText(answer, url);
      const label = ['__meta_url', url] as const;
      const groups = readGroups(text, { form: 'json', where: url, label });
      const gone = goneGroups(url, groups.length, lastCount);
      lastCount = groups.length;
      return [...groups, ...gone];
    } catch (error) {
      if (!run.signal.aborted) run.metrics.httpFailures.inc();
      throw error;
    } finally {
      clear();
    }
  };
  await refreshForever(run, { mechanism: 'http', intervalMs: refreshIntervalMs }, ask);
}

async function jsonText(answer: HttpClientAnswer, url: string): Promise<string> {
  const text = await answer.text();
  if (answer.status !== 200) {
    throw new OperationError('unavailable', `${url} answered with status ${answer.status}`);
  }
  const type = answer.headers['content-type'] ?? '';
  if (JSON_TYPE.test(type.trim())) return text;
  throw new OperationError('bad-data', `${url} answered with content type "${type}", not JSON`);
}
