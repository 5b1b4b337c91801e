/** A bucket below a prefix of another one: what the key `prefix` of objstore.yml asks for. */
import { type Bucket, directoryPrefix, type ObjectEntry } from './bucket.ts';

/** `prefix` without or with slashes around it; with an empty one the bucket itself. */
export function prefixedBucket(bucket: Bucket, prefix: string): Bucket {
  const trimmed = prefix.replace(/^\/+|\/+$/g, '');
  if (trimmed === '') return bucket;
  const root = directoryPrefix(trimmed);
  return {
    name: bucket.name,
    async *list(directory, options): AsyncIterable<ObjectEntry> {
      for await (const entry of bucket.list(`${root}${directory}`, options)) {
        yield { ...entry, name: entry.name.slice(root.length) };
      }
    },
    read: (name, options) => bucket.read(`${root}${name}`, options),
    readRange: (name, range, options) => bucket.readRange(`${root}${name}`, range, options),
    attributes: (name, options) => bucket.attributes(`${root}${name}`, options),
    exists: (name, options) => bucket.exists(`${root}${name}`, options),
    upload: (name, content, options) => bucket.upload(`${root}${name}`, content, options),
    delete: (name, options) => bucket.delete(`${root}${name}`, options),
    [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose](),
  };
}
