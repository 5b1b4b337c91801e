/** Reads a page in whatever format it came. */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { readPage } from './exposition.ts';
import type { ScrapeOutcome, TargetSettings } from './ingest-port.ts';
import type { PageMemory } from './page-rows.ts';
import type { ScrapedPage } from './scraped-page.ts';

export function readScrapedPage(
  kernel: Kernel,
  { bytes, format }: Extract<ScrapeOutcome, { readonly kind: 'page' }>,
  _settings: TargetSettings,
  memory: PageMemory | undefined,
): ScrapedPage {
  if (format === 'protobuf') throw new OperationError('bad-data', 'cannot read protobuf pages');
  return readPage(kernel, bytes, format, memory);
}
