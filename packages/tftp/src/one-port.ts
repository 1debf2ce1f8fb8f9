import type { BulkOptions, BulkSockets, Datagrams, Peer } from '@sower/net';

/** Transfers that go through the listener's own port, for firewalls that let nothing else through (C-01). */
export interface OnePort {
  readonly sockets: BulkSockets;
  /** Transfers under way: they need the listener's socket. */
  readonly active: number;
  /** Hands a packet to the transfer of this client; false when there is none. */
  deliver(payload: Buffer, from: Peer): boolean;
}

/** `socket` is the listener's. A client is told by its address and port, so there is no packet from a wrong port (C-22). */
export function onePort(socket: () => Datagrams): OnePort {
  const open = new Map<string, BulkOptions>();
  return {
    sockets: {
      open(options) {
        const { peer, segment } = options;
        const key = keyOf(peer);
        open.set(key, options);
        return Promise.resolve({
          ...socket(),
          sendRun(run, done) {
            for (let at = 0; at < run.length; at += segment) socket().send(run.subarray(at, at + segment), peer, done);
          },
          close() {
            if (open.get(key) === options) open.delete(key);
            return Promise.resolve();
          },
        });
      },
    },
    get active() {
      return open.size;
    },
    deliver(payload, from) {
      const transfer = open.get(keyOf(from));
      transfer?.onMessage(payload, from);
      return transfer !== undefined;
    },
  };
}

function keyOf({ address, port }: Peer): string {
  return `${address}:${port}`;
}
