import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server on a port of its own that ends with all its connections. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** http://127.0.0.1:port */
  readonly url: string;
}

export async function serve(listener: RequestListener): Promise<TestServer> {
  return await listen(createServer(listener));
}

/** Whatever takes connections. */
export async function listen(
  server: Pick<Server, 'listen' | 'close' | 'address' | 'on'>,
  scheme = 'http',
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
