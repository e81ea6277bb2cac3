import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface RawServer {
  port: number;
  url: URL;
  /** Connections that are open. */
  open: Set<Socket>;
  close: () => Promise<void>;
}

/** A server that says what it likes, as soon as something is asked of it. */
export async function speak(say: (socket: Socket, asked: string) => void): Promise<RawServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    let asked = '';
    socket.on('data', (part) => {
      const isFirst = asked === '';
      asked += part.toString('latin1');
      if (isFirst) say(socket, asked);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    });
  return { port, url: new URL(`http://127.0.0.1:${port}/v1/models`), open, close };
}

/** Writes for as long as somebody reads. */
export function endlessly(socket: Socket, part: Buffer | string): void {
  const more = () => {
    while (socket.writable && socket.write(part));
  };
  socket.on('drain', more);
  more();
}
