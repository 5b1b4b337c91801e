/** Vertical shards: which of several equal queries a series belongs to. Source: thanos.ShardInfo. */
import { OperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import type { ShardInfo } from '../wire/gen/thanos/store_pb.ts';

/** xxhash64 with seed 0. */
export type Hash64 = (bytes: Uint8Array) => bigint;

export type ShardFilter = (labels: Labels) => boolean;

/** Undefined when the request is not sharded. Throws OperationError 'bad-data' for a shard that is none. */
export function shardFilter(shard: ShardInfo | undefined, hash: Hash64): ShardFilter | undefined {
  if (shard === undefined || shard.totalShards < 1n) return undefined;
  const { shardIndex, totalShards, by } = shard;
  if (shardIndex < 0n || shardIndex >= totalShards) {
    throw new OperationError(
      'bad-data',
      `shard_info: there is no shard ${shardIndex} of ${totalShards}`,
    );
  }
  const names = new Set(shard.labels);
  return (labels) => {
    const counted = labels.filter((_, i) => names.has(labels[i - (i % 2)] as string) === by);
    return hash(hashedBytes(counted)) % totalShards === shardIndex;
  };
}

/** Each name and each value, followed by a byte that UTF-8 does not have. */
function hashedBytes(labels: Labels): Uint8Array {
  const separator = Uint8Array.of(0xff);
  return Buffer.concat(labels.flatMap((text) => [Buffer.from(text), separator]));
}
