import { acceptBucket } from './testing/acceptance.ts';
import { MemoryBucket } from './testing/memory-bucket.ts';

acceptBucket({ name: 'memory', open: async () => new MemoryBucket() });
