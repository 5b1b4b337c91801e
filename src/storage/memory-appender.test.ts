import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { labelsKey, labelsOf } from '../model/labels.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { OUTCOMES } from './appender.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryAppender } from './testing/memory-appender.ts';

const up = labelsOf({ __name__: 'up' });
const ONE_HIGH = 0x3ff00000;

test('an appender tells what became of each row, and keeps nothing of a batch that fails', () => {
  const appender = new MemoryAppender(new MemoryStore());
  const f = (want: string): void => {
    const outcomes = [...appender.commit().outcomes].map((outcome) => OUTCOMES[outcome]);
    assert.equal(outcomes.join(' '), want);
  };
  const ref = appender.seriesRef(up);
  appender.float(ref, 1000, 0, ONE_HIGH);
  appender.float(ref, 1000, 0, ONE_HIGH);
  appender.float(ref, 1000, 0, 0);
  appender.float(ref, 999, 0, 0);
  appender.float(ref + 1, 999, 0, 0);
  appender.float(ref, 1000.5, 0, 0);
  f('appended same duplicate out-of-order no-series bad-time');
  appender.float(ref, 2000, STALE_LOW, STALE_HIGH);
  appender.rollback();
  f('');
  appender.float(ref, 2000, STALE_LOW, STALE_HIGH);
  appender.failNextCommit('cannot write the log');
  assert.throws(() => appender.commit(), { kind: 'unavailable' });
  appender.float(ref, 1500, STALE_LOW, STALE_HIGH);
  appender.metadata(ref, { type: 'gauge', help: 'h', unit: '' });
  appender.exemplar(ref, { labels: [], value: 1, time: 1500 });
  f('appended');
  assert.equal(appender.metadataByKey.get(labelsKey(up))?.help, 'h');
  assert.equal(appender.exemplars.length, 1);
  appender.forget(up);
  appender.float(ref, 3000, 0, 0);
  f('no-series');
  assert.notEqual(appender.seriesRef(up), ref);
  assert.equal(appender.seriesMade, 2);
});
