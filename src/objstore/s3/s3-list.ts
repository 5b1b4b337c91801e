/** Lists of objects, page by page, in either version of the API. Source: Amazon S3 ListObjects, ListObjectsV2. */
import { OperationError } from '../../base/errors.ts';
import { compareText } from '../../model/labels.ts';
import type { ObjectEntry } from '../bucket.ts';
import { elements, elementText } from './s3-xml.ts';

export interface ListQuery {
  readonly prefix: string;
  readonly recursive: boolean;
  readonly version: 1 | 2;
  /** Where the next page begins: of the page before. */
  readonly from: string;
}

export interface ListPage {
  readonly entries: readonly ObjectEntry[];
  /** '' after the last page. */
  readonly next: string;
}

/** Names come encoded, since XML cannot hold every character. */
export function listParameters(list: ListQuery): readonly (readonly [string, string])[] {
  const { prefix, recursive, version, from } = list;
  const start = version === 2 ? 'continuation-token' : 'marker';
  return [
    ...(version === 2 ? [['list-type', '2'] as const] : []),
    ['prefix', prefix],
    ['delimiter', recursive ? '' : '/'],
    ['encoding-type', 'url'],
    ...(from === '' ? [] : [[start, from] as const]),
  ];
}

/** Throws OperationError 'unavailable' for what is no list. */
export function readListPage(xml: string, { prefix, version, from }: ListQuery): ListPage {
  if (!/<ListBucketResult[\s>]/.test(xml)) {
    throw new OperationError('unavailable', 'the answer is no list of objects');
  }
  const isEncoded = elementText(xml, 'EncodingType') === 'url';
  const decode = (text: string): string => (isEncoded ? decodeName(text) : text);
  const objects = elements(xml, 'Contents').map(
    (of): ObjectEntry => ({
      name: decode(elementText(of, 'Key')),
      sizeBytes: Number(elementText(of, 'Size')),
      modifiedMs: secondsOf(elementText(of, 'LastModified')),
    }),
  );
  const directories = elements(xml, 'CommonPrefixes').map(
    (of): ObjectEntry => ({ name: decode(elementText(of, 'Prefix')) }),
  );
  const entries = [...objects, ...directories].sort((a, b) => compareText(a.name, b.name));
  const isLast = elementText(xml, 'IsTruncated') !== 'true';
  const next = isLast ? '' : nextOf(xml, { version, decode, last: entries.at(-1)?.name ?? '' });
  // Taken for the whole, a part of a list would make blocks look deleted.
  if (!isLast && (next === '' || next === from)) {
    throw new OperationError('unavailable', 'the list is not whole and does not tell how to go on');
  }
  return { entries: entries.filter(({ name }) => name !== prefix), next };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    const what = `the list has a name that is not encoded: ${JSON.stringify(text)}`;
    throw new OperationError('unavailable', what, { cause });
  }
}

/** Version 1 tells where to go on only if there is a delimiter. */
function nextOf(
  xml: string,
  of: {
    readonly version: 1 | 2;
    readonly last: string;
    readonly decode: (text: string) => string;
  },
): string {
  if (of.version === 2) return elementText(xml, 'NextContinuationToken');
  return of.decode(elementText(xml, 'NextMarker')) || of.last;
}

/** The head of an object tells whole seconds, a list more: both are given as whole ones. */
export function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000) * 1000;
}
