/** Looks at every port before anything starts: a taken one is an error that names it and its component. */
import { createServer } from 'node:net';
import { OperationError } from '../base/errors.ts';
import type { ComponentSpec } from './component.ts';

/** Throws OperationError 'unavailable' naming every taken port. */
export async function requireFreePorts(specs: readonly ComponentSpec[]): Promise<void> {
  const wanted = specs.flatMap(({ name, addresses }) =>
    addresses.map(({ protocol, hostPort }) => ({ what: `${name} (${protocol})`, hostPort })),
  );
  const faults = await Promise.all(wanted.map(({ hostPort }) => tryListen(hostPort)));
  const taken = wanted.flatMap(({ what, hostPort }, i) =>
    faults[i] === undefined ? [] : [`${hostPort} for ${what}: ${faults[i]}`],
  );
  if (taken.length === 0) return;
  const remedy = 'stop what listens there, or shift all ports with --port-offset=N';
  throw new OperationError('unavailable', `cannot listen on ${taken.join('; ')}; ${remedy}`);
}

function tryListen(hostPort: string): Promise<string | undefined> {
  const colon = hostPort.lastIndexOf(':');
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: Error & { readonly code?: string }) => {
      resolve(error.code === 'EADDRINUSE' ? 'the port is taken' : error.message);
    });
    server.listen({ host: hostPort.slice(0, colon), port: Number(hostPort.slice(colon + 1)) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
