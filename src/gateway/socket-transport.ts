/** A TCP or TLS socket as the broker's Transport, and its events as the broker's calls. */
import type { Socket } from 'node:net';
import type { AcceptedConnection, Transport } from '../broker/broker.ts';

export function socketTransport(socket: Socket): Transport {
  return {
    write(bytes) {
      if (socket.destroyed || socket.writableEnded) return true;
      socket.write(bytes);
      // Nothing queued means that the kernel (or TLS) has copied the bytes already.
      return socket.writableLength === 0;
    },
    get backlog() {
      return socket.writableLength;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** Feeds what comes from `socket` to the connection, until it ends. */
export function feed(socket: Socket, connection: AcceptedConnection): void {
  socket.on('data', (chunk: Buffer) => connection.receive(chunk));
  socket.on('drain', () => connection.drained());
  // The reason of a broken socket is in its 'error' event, which the listener logs; here only its end matters.
  socket.on('close', () => connection.ended());
}
