import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of one server: how many each peer has, and which of them are in the middle of an answer. */
export interface Connections {
  /** Whether this connection has an answer under way. */
  busy(socket: Socket): boolean;
  /** From now on: idle connections end at once, busy ones after their answer. */
  drain(): void;
}

/** Watches a server's connections. A peer with more than `perAddress` of them has the next ones closed unread (D-20), unless it is exempt. */
export function watchConnections(server: Server, perAddress: number, isExempt: (peer: string) => boolean): Connections {
  const answering = new Map<Socket, number>();
  const peers = new Map<string, number>();
  let draining = false;

  const endIfIdle = (socket: Socket) => {
    if (answering.get(socket) === 0) socket.destroySoon();
  };
  const began = (socket: Socket, response: ServerResponse) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    response.once('close', () => {
      answering.set(socket, (answering.get(socket) ?? 1) - 1);
      if (draining) endIfIdle(socket);
    });
  };

  server.on('connection', (socket) => {
    const peer = socket.remoteAddress ?? '';
    const open = peers.get(peer) ?? 0;
    if (open >= perAddress && !isExempt(peer)) {
      socket.destroy();
      return;
    }
    peers.set(peer, open + 1);
    answering.set(socket, 0);
    socket.once('close', () => {
      answering.delete(socket);
      const left = (peers.get(peer) ?? 1) - 1;
      if (left > 0) peers.set(peer, left);
      else peers.delete(peer);
    });
  });
  server.on('request', (request, response) => began(request.socket, response));

  return {
    busy: (socket) => (answering.get(socket) ?? 0) > 0,
    drain() {
      draining = true;
      for (const socket of answering.keys()) endIfIdle(socket);
    },
  };
}
