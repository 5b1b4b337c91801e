/**
 * How the components of `tsanos up` stand, as the supervisor tells the entry: one JSON file in the data directory, put in
 * place of the last one at every change, and /api/v1/system, which answers with what it says.
 */
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { HttpRoute } from '../transport/http-route.ts';
import { jsonAnswer } from '../transport/http-route.ts';
import type { ComponentSpec, ComponentState } from './component.ts';

/** One component as /api/v1/system shows it; times in RFC 3339. */
export interface ComponentView {
  readonly name: string;
  readonly kind: string;
  readonly state: ComponentState['phase'];
  /** When this state began. */
  readonly since: string;
  /** Starts after the first. */
  readonly restarts: number;
  readonly pid: number | null;
  readonly addresses: readonly { readonly protocol: string; readonly address: string }[];
  readonly reads: readonly string[];
  /** Why it is not ready, or how its last life ended; null when there is nothing to tell. */
  readonly lastError: string | null;
  readonly lastErrorTime: string | null;
}

export function systemStatePath(dataDirectory: string): string {
  return `${dataDirectory}/system.json`;
}

/** A disk that takes no more writes must not end the system: it is a warning. */
export function writeSystemState(
  path: string,
  components: readonly { readonly spec: ComponentSpec; readonly state: ComponentState }[],
  { files, logger }: { readonly files: FileSystem; readonly logger: Logger },
): void {
  const text = JSON.stringify({ components: components.map(viewOf) });
  try {
    files.writeFileAtomic(path, new TextEncoder().encode(text));
  } catch (error) {
    logger.warn('cannot tell the state of the system', { path, err: errorText(error) });
  }
}

function viewOf({ spec, state }: { spec: ComponentSpec; state: ComponentState }): ComponentView {
  const { reason, lastEnd, sinceMs } = state;
  const isNow = reason !== '' && state.phase !== 'ready';
  const timeMs = isNow ? sinceMs : lastEnd?.timeMs;
  return {
    name: spec.name,
    kind: spec.kind,
    state: state.phase,
    since: new Date(sinceMs).toISOString(),
    restarts: state.restarts,
    pid: state.pid ?? null,
    addresses: spec.addresses.map(({ protocol, hostPort }) => ({ protocol, address: hostPort })),
    reads: spec.reads,
    lastError: isNow ? reason : (lastEnd?.reason ?? null),
    lastErrorTime: timeMs === undefined ? null : new Date(timeMs).toISOString(),
  };
}

/** GET /api/v1/system in the envelope of the API. Without a file it says so; the request is never passed on. */
export function systemRoute(path: string | undefined, files: FileSystem): HttpRoute {
  return {
    methods: ['GET'],
    path: '/api/v1/system',
    handler: 'system',
    handle() {
      try {
        return jsonAnswer(200, { status: 'success', data: readSystemState(path, files) });
      } catch (error) {
        return jsonAnswer(404, {
          status: 'error',
          errorType: 'not_found',
          error: errorText(error),
        });
      }
    },
  };
}

function readSystemState(path: string | undefined, files: FileSystem): unknown {
  if (path === undefined) {
    const advice = 'start it by `tsanos up`, or give --system.state-file';
    throw new OperationError('not-found', `this entry knows no supervisor: ${advice}`);
  }
  return JSON.parse(new TextDecoder().decode(files.readFile(path)));
}
