import type { TestEvent } from 'node:test/reporters';

/** Reporter: one line of JSON, written when everything has ended. */
export default async function* tally(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.details.type !== 'suite') {
      if (data.skip !== undefined || data.todo !== undefined) count.skipped++;
      else count.passed++;
    }
    if (type === 'test:fail' && isOwnFault(data.details)) count.failed++;
    if (type === 'test:diagnostic' && data.message.includes('after the test ended')) count.failed++;
  }
  yield JSON.stringify(count);
}

type Details = { readonly type?: string | undefined; readonly error?: unknown };

/** A suite fails by itself only in its hooks or its body; else its tests have been counted. */
function isOwnFault(details: Details): boolean {
  const failure = details.error as { readonly failureType?: string } | undefined;
  if (failure?.failureType === 'cancelledByParent') return false;
  return details.type !== 'suite' || failure?.failureType !== 'subtestsFailed';
}
