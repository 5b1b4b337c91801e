/** Logs written by Prometheus 3.14 (its tsdb/wlog and tsdb/record), with what its own reader gives of them. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { lineSink } from './testing/wal-lines.ts';
import { Wal } from './wal.ts';

interface Golden {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
}

const goldens = JSON.parse(
  readFileSync(new URL('../../../test/golden/wal.json', import.meta.url), 'utf8'),
) as readonly Golden[];

const DIRECTORY = '/data/wal';

for (const golden of goldens) {
  test(`a log written by Prometheus is read as Prometheus reads it: ${golden.name}`, () => {
    const files = new FaultyFiles(seededRandom(1));
    files.makeDirectory(DIRECTORY);
    for (const [name, text] of Object.entries(golden.files)) {
      files.writeFileAtomic(`${DIRECTORY}/${name}`, Buffer.from(text, 'base64'));
    }
    const replayed = (): string[] => {
      const kernel = testKernel();
      const lines: string[] = [];
      const wal = Wal.open({ files, directory: DIRECTORY, kernel });
      assert.deepEqual(wal.replay(lineSink(kernel, lines)).damages, []);
      wal.close();
      return lines;
    };
    assert.deepEqual(replayed(), golden.lines);

    // Enough segments to make a checkpoint of all of it.
    for (let i = 0; i < 3; i++) replayed();
    const kernel = testKernel();
    const wal = Wal.open({ files, directory: DIRECTORY, kernel });
    wal.replay(lineSink(kernel, []));
    for (const _ of wal.truncate({ minTime: -10, keep: () => true }));
    wal.close();
    assert.ok(files.list(DIRECTORY).some((name) => name.startsWith('checkpoint')));
    assert.deepEqual(replayed().toSorted(), golden.lines.toSorted());
  });
}
