/** The ingest thread's side of scraping: pages of all targets become rows of one head. */
import { OperationError } from '../base/errors.ts';
import type { IngestPort, TargetKey } from './ingest-port.ts';
import { type IngesterParts, TargetIngester } from './target-ingester.ts';

export type { IngesterParts } from './target-ingester.ts';

/** Everything it is asked is done before the call returns; the promises are for who asks from another thread. */
export function createPageIngester(parts: IngesterParts): IngestPort {
  const targets = new Map<TargetKey, TargetIngester>();
  const find = (key: TargetKey): TargetIngester => {
    const target = targets.get(key);
    if (target === undefined) {
      throw new OperationError('not-found', `cannot ingest for target ${key}: it was not opened`);
    }
    return target;
  };
  return {
    openTarget(key, settings) {
      const target = targets.get(key);
      if (target === undefined) targets.set(key, new TargetIngester(parts, settings));
      else target.change(settings);
    },
    async ingest(request) {
      return find(request.target).ingest(request);
    },
    async endTarget(key, staleTimeMs) {
      const target = find(key);
      targets.delete(key);
      if (staleTimeMs !== undefined) target.end(staleTimeMs);
    },
    async metadata(key) {
      return targets.get(key)?.metadata() ?? [];
    },
  };
}
