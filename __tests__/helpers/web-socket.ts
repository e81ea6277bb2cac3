import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One side of a WebSocket: what a server does with it. */
export interface Peer {
  send(message: Uint8Array | string): void;
  /** Says goodbye, with a code. */
  close(code?: number): void;
  /** Goes without a word. */
  drop(): void;
}

export interface WebSocketServer {
  url: string;
  /** Paths that were opened. */
  opened: string[];
  /** Messages that came, in order. */
  received: Uint8Array[];
  close: () => Promise<void>;
}

/** A WebSocket server on a free port of loopback, as far as tests need one: https://www.rfc-editor.org/rfc/rfc6455 */
export async function listenForSockets(
  onMessage: (peer: Peer, message: Uint8Array) => void,
  refuse: (request: IncomingMessage) => number | undefined = () => undefined,
): Promise<WebSocketServer> {
  const [opened, received, sockets]: [string[], Uint8Array[], Set<Socket>] = [[], [], new Set()];
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const status = refuse(request);
    if (status !== undefined)
      return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    opened.push(request.url ?? '');
    accept(request, socket);
    const peer = peerOf(socket);
    onFrames(socket, (opcode, payload) => {
      if (opcode === 8) return socket.end(frame(8, payload));
      received.push(payload);
      onMessage(peer, payload);
    });
  });
  return { ...(await listening(server, sockets)), opened, received };
}

/** One that opens, and then says nothing any more, not even goodbye; `onOpen` gets its end of each connection. */
export async function listenMutely(onOpen: (socket: Socket) => void): Promise<Pick<WebSocketServer, 'url' | 'close'>> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
    accept(request, socket);
    onOpen(socket);
  });
  return await listening(server, sockets);
}

async function listening(server: Server, sockets: Set<Socket>): Promise<Pick<WebSocketServer, 'url' | 'close'>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function accept({ headers }: IncomingMessage, socket: Socket): void {
  const answer = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${answer}\r\n\r\n`,
  );
}

function peerOf(socket: Socket): Peer {
  return {
    send: (message) => socket.write(frame(typeof message === 'string' ? 1 : 2, Buffer.from(message))),
    close: (code = 1000) => socket.write(frame(8, Buffer.from([code >> 8, code & 0xff]))),
    drop: () => socket.destroy(),
  };
}

/** An unmasked frame, as servers send them. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const size =
    length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : [127, 0, 0, 0, 0, ...int32(length)];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size]), payload]);
}

function int32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >> shift) & 0xff);
}

/** The masked frames of a client; tests send short ones. */
function onFrames(socket: Socket, take: (opcode: number, payload: Uint8Array) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
      const length = (buffer[1] ?? 0) & 0x7f;
      if (buffer.length < 6 || buffer.length < 6 + length) return;
      const [opcode, mask, body] = [(buffer[0] ?? 0) & 0x0f, buffer.subarray(2, 6), buffer.subarray(6, 6 + length)];
      take(
        opcode,
        Uint8Array.from(body, (byte, index) => byte ^ (mask[index % 4] ?? 0)),
      );
      buffer = buffer.subarray(6 + length);
    }
  });
}
