/** What a scrape says it can read, and which parser the answer's Content-Type chooses. */
import { OperationError } from '../base/errors.ts';
import { quoteText } from '../model/labels-text.ts';
import type { PageFormat } from './ingest-port.ts';
import type { EscapingScheme, ScrapeProtocol } from './scrape-config.ts';

const MEDIA: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto:
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};

const FORMATS: Readonly<Record<string, PageFormat>> = {
  'text/plain': 'text',
  'application/openmetrics-text': 'openmetrics',
  'application/vnd.google.protobuf': 'protobuf',
};

const FIRST_WEIGHT = Object.keys(MEDIA).length + 1;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = `\\s*;\\s*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`;
const CONTENT_TYPE = new RegExp(`^\\s*(${TOKEN}(?:/${TOKEN})?)(?:${PARAMETER})*\\s*;?\\s*$`);

/** The Accept header, weights falling from 0.6 in steps of 0.1. Versions 1.0.0 of the texts name the escaping. */
export function acceptHeader(
  protocols: readonly ScrapeProtocol[],
  escaping: EscapingScheme,
): string {
  const media = protocols.map((protocol) =>
    protocol.endsWith('1.0.0') ? `${MEDIA[protocol]};escaping=${escaping}` : MEDIA[protocol],
  );
  return [...media, '*/*'].map((text, i) => `${text};q=0.${FIRST_WEIGHT - i}`).join(',');
}

/** Throws OperationError 'bad-data' when the answer does not say what it is and no fallback is configured. */
export function pageFormat(
  contentType: string | undefined,
  fallback: ScrapeProtocol | undefined,
): PageFormat {
  const media = CONTENT_TYPE.exec(contentType ?? '')?.[1]?.toLowerCase();
  const found = media === undefined ? undefined : FORMATS[media];
  if (found !== undefined) return found;
  if (fallback !== undefined) return FORMATS[MEDIA[fallback].split(';')[0]];
  throw new OperationError('bad-data', `${problem(contentType ?? '', media)} for target`);
}

function problem(contentType: string, media: string | undefined): string {
  const none = 'no fallback_scrape_protocol';
  if (contentType === '') {
    return `non-compliant scrape target sending blank Content-Type and ${none} specified`;
  }
  const named = `Content-Type ${quoteText(contentType)} and ${none}`;
  return media === undefined ? `cannot parse ${named}` : `received unsupported ${named} specified`;
}
