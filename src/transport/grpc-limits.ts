/** Sizes that servers and clients share. The windows let one connection carry 1 GB/s with bounded memory. */
export const STREAM_WINDOW_BYTES: number = 4 << 20;
export const SESSION_WINDOW_BYTES: number = 8 << 20;
/** Node ends a session that holds more than 10 MB by default: parallel large streams hold more. */
export const SESSION_MEMORY_MB = 4096;
/** The most that gRPC libraries allow, and Thanos sets. */
export const MESSAGE_MAX_BYTES = 0x7fffffff;
