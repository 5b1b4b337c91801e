/**
 * Text pages whose classic histograms become native ones with custom buckets: series of one histogram that stand
 * together are gathered. Source: textparse/nhcbparse.go of Prometheus 3.14.
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { labelsKey, makeLabels } from '../model/labels.ts';
import { ClassicHistogram } from './custom-histogram.ts';
import { type PageReading, readPage } from './exposition.ts';
import type { ExpositionFormat } from './exposition-lexer.ts';
import { type PageExemplar, type PageMetadata, parsePageFloat } from './exposition-reader.ts';
import { PageList } from './listed-page.ts';
import type { PageMemory } from './page-rows.ts';
import type { LabelPairs } from './sample-labels.ts';
import type { ScrapedPage } from './scraped-page.ts';

export interface ConversionOptions {
  readonly format: ExpositionFormat;
  readonly keepClassic: boolean;
}

export function readConvertedPage(
  kernel: Kernel,
  bytes: Uint8Array,
  { format, keepClassic }: ConversionOptions,
  memory: PageMemory | undefined,
): ScrapedPage {
  const reading = readPage(kernel, bytes, format);
  const list = new PageList();
  let fault = reading.fault;
  try {
    convert(reading, list, keepClassic);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    fault = error;
  } finally {
    reading.release();
  }
  return list.finish(kernel, memory, fault);
}

/** The histogram whose series are being gathered. */
interface Gathering {
  /** Of its labels without `le`, under its base name. */
  readonly key: string;
  readonly pairs: LabelPairs;
  readonly timeMs: number | undefined;
  readonly histogram: ClassicHistogram;
  readonly exemplars: PageExemplar[];
}

interface Part {
  readonly kind: 'bucket' | 'sum' | 'count';
  readonly bound: number;
  readonly key: string;
  readonly pairs: LabelPairs;
}

function convert(reading: PageReading, list: PageList, keepClassic: boolean): void {
  let family = '';
  let gathering: Gathering | undefined;
  let line = 0;
  const finish = (): void => {
    const value = gathering?.histogram.convert('unknown');
    if (gathering !== undefined && value !== undefined) list.add({ ...gathering, value });
    gathering = undefined;
  };
  const takeLine = (said: PageMetadata): void => {
    finish();
    list.metadata.push(said);
    if (said.kind === 'type') family = said.type === 'histogram' ? said.name : '';
  };
  for (let row = 0; row < reading.count; row++) {
    for (; reading.newLines[line]?.start < reading.rows.offset(row); line++) {
      const said = reading.newLines[line].metadata;
      if (said !== undefined) takeLine(said);
    }
    const pairs = reading.labelPairs(row);
    const part = partOf(family, pairs);
    const exemplars = reading.exemplars.get(row) ?? [];
    const timeMs = reading.timeMs(row);
    if (gathering !== undefined && gathering.key !== part?.key) finish();
    if (part !== undefined) {
      gathering ??= {
        ...{ key: part.key, pairs: part.pairs, timeMs },
        ...{ histogram: new ClassicHistogram(), exemplars: [] },
      };
      gathering.exemplars.push(...exemplars);
      setPart(gathering.histogram, part, reading.value(row));
      if (!keepClassic) continue;
    }
    const own = part === undefined ? exemplars : [];
    list.add({ pairs, value: reading.value(row), timeMs, exemplars: own });
  }
  for (; line < reading.newLines.length; line++) {
    const said = reading.newLines[line].metadata;
    if (said !== undefined) takeLine(said);
  }
  if (reading.fault === undefined) finish();
}

/** What a series is of the histogram of this name, if anything. */
function partOf(family: string, pairs: LabelPairs): Part | undefined {
  if (family === '') return undefined;
  const name = pairs.find(([label]) => label === '__name__')?.[1] ?? '';
  const [, base, kind] = /^(.*)_(bucket|sum|count)$/s.exec(name) ?? [];
  if (base !== family) return undefined;
  const text = pairs.find(([label]) => label === 'le')?.[1];
  const bound = parsePageFloat(Buffer.from(text ?? ''));
  if (kind === 'bucket' && (typeof bound === 'string' || Number.isNaN(bound))) return undefined;
  const rest = pairs.filter(([label]) => label !== 'le' && label !== '__name__');
  const own: LabelPairs = [['__name__', base], ...rest];
  return {
    kind: kind as Part['kind'],
    bound: typeof bound === 'string' ? 0 : bound,
    key: labelsKey(makeLabels(own)),
    pairs: own,
  };
}

function setPart(histogram: ClassicHistogram, { kind, bound }: Part, value: number): void {
  if (kind === 'bucket') histogram.setBucket(bound, value);
  else if (kind === 'sum') histogram.setSum(value);
  else histogram.setCount(value);
}
