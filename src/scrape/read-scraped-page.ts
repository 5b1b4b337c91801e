/** Reads a page in whatever format it came. */
import type { Kernel } from '../base/kernel.ts';
import { readConvertedPage } from './converted-page.ts';
import { readPage } from './exposition.ts';
import type { ScrapeOutcome, TargetSettings } from './ingest-port.ts';
import type { PageMemory } from './page-rows.ts';
import { readProtobufPage } from './protobuf-page.ts';
import type { ScrapedPage } from './scraped-page.ts';

/** A mistake in the page is its fault; throws OperationError 'limit' when memory is short. */
export function readScrapedPage(
  kernel: Kernel,
  { bytes, format }: Extract<ScrapeOutcome, { readonly kind: 'page' }>,
  settings: TargetSettings,
  memory: PageMemory | undefined,
): ScrapedPage {
  if (format === 'protobuf') return readProtobufPage(kernel, bytes, settings, memory);
  if (!settings.convertClassicHistogramsToNhcb) return readPage(kernel, bytes, format, memory);
  const keepClassic = settings.alwaysScrapeClassicHistograms;
  return readConvertedPage(kernel, bytes, { format, keepClassic }, memory);
}
