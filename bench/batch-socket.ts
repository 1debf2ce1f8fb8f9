/**
 * One UDP socket that speaks for many addresses of this host and moves up to 64 datagrams with one system call
 * (recvmmsg, sendmmsg; Linux). A load client has to cost less than the servers it measures: Node's own sockets do not.
 */
import koffi from 'koffi';

/** Datagrams in one call. */
const BATCH = 64;

/** A datagram that came in. `payload` is only good until the next `receive`. */
export interface Arrived {
  readonly payload: Uint8Array;
  /** The address of ours that it was sent to, and where it came from, as unsigned 32-bit numbers. */
  readonly to: number;
  readonly from: number;
  readonly fromPort: number;
}

export interface BatchSocket {
  /** Waits up to `ms` (set when it was opened) for the first, then takes what is there. */
  receive(): readonly Arrived[];
  /** Queues a datagram from one of our addresses; sent with the next 64, or by `flush`. */
  send(payload: Uint8Array, from: number, to: number, toPort: number): void;
  flush(): void;
  close(): void;
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_BROADCAST = 6;
const SO_RCVTIMEO = 20;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const MSG_WAITFORONE = 0x10000;
const MSG_DONTWAIT = 0x40;

/** struct mmsghdr, sockaddr_in, iovec and a control message with struct in_pktinfo, as they lie in memory on 64-bit Linux. */
const HEADER = 64;
const NAME = 16;
const IOVEC = 16;
const CONTROL = 32;
const CONTROL_HEADER = 16;

export interface BatchOptions {
  /** How long `receive` waits, in whole milliseconds; 0: not at all. */
  readonly ms: number;
  /** In bytes: what all the simulated machines' own buffers would hold. */
  readonly receiveBuffer: number;
  /** The largest datagram. */
  readonly slot: number;
  /** The local port; one that is free by default. */
  readonly port?: number;
  /** The interface that all datagrams come from and leave through, broadcasts too; any by default. */
  readonly device?: string;
}

/** Throws where there is no such socket to be had. Needs root for a device. */
export function openBatchSocket(options: BatchOptions): BatchSocket {
  const libc = koffi.load(null);
  const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');
  const recvmmsg = libc.func('int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)');
  const sendmmsg = libc.func('int sendmmsg(int fd, void *messages, uint32_t count, int flags)');
  const close = libc.func('int close(int fd)');
  const fd: number = libc.func('int socket(int domain, int type, int protocol)')(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) throw new Error('no socket');

  const number = (value: number) => Uint8Array.from([0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
  const patience = new Uint8Array(new BigInt64Array([0n, BigInt(options.ms * 1000)]).buffer);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, patience, 16);
  setsockopt(fd, IPPROTO_IP, IP_PKTINFO, number(1), 4);
  const forced = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, number(options.receiveBuffer), 4);
  if (forced < 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, number(options.receiveBuffer), 4);
  const any = new Uint8Array(16);
  any[0] = AF_INET;
  new DataView(any.buffer).setUint16(2, options.port ?? 0);
  if (options.device !== undefined) {
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, number(1), 4);
    const pinned: number = setsockopt(
      fd,
      SOL_SOCKET,
      SO_BINDTODEVICE,
      Buffer.from(options.device),
      options.device.length,
    );
    if (pinned < 0) throw new Error(`no socket on ${options.device}`);
  }
  const bound = libc.func('int bind(int fd, const void *address, uint32_t length)')(fd, any, 16);
  if (bound < 0) throw new Error('no port');
  const waiting = options.ms === 0 ? MSG_DONTWAIT : MSG_WAITFORONE;

  const incoming = messages(options.slot);
  const outgoing = messages(512);
  let queued = 0;

  const flush = () => {
    let sent = 0;
    while (sent < queued) {
      const count: number = sendmmsg(fd, outgoing.at(sent), queued - sent, 0);
      sent += count > 0 ? count : 1; // one that cannot be sent is one that was lost
    }
    queued = 0;
  };

  return {
    receive() {
      incoming.reset();
      const count: number = recvmmsg(fd, incoming.at(0), BATCH, waiting, null);
      return Array.from({ length: Math.max(count, 0) }, (_, index) => incoming.read(index));
    },
    send(payload, from, to, toPort) {
      outgoing.write(queued, payload, from, to, toPort);
      queued += 1;
      if (queued === BATCH) flush();
    },
    flush,
    close: () => void close(fd),
  };
}

/** Room for a batch of datagrams in memory that system calls may write to. */
function messages(slot: number) {
  const each = HEADER + NAME + IOVEC + CONTROL + slot;
  const memory = koffi.alloc('uint8_t', BATCH * each);
  const start = koffi.address(memory);
  const bytes = new Uint8Array(koffi.view(memory, BATCH * each));
  const view = new DataView(bytes.buffer);
  const headers = 0;
  const names = BATCH * HEADER;
  const iovecs = names + BATCH * NAME;
  const controls = iovecs + BATCH * IOVEC;
  const payloads = controls + BATCH * CONTROL;
  const pointer = (at: number, target: number) => view.setBigUint64(at, start + BigInt(target), true);
  for (let index = 0; index < BATCH; index += 1) {
    const header = headers + index * HEADER;
    pointer(header, names + index * NAME);
    view.setUint32(header + 8, NAME, true);
    pointer(header + 16, iovecs + index * IOVEC);
    view.setBigUint64(header + 24, 1n, true);
    pointer(header + 32, controls + index * CONTROL);
    view.setUint32(header + 40, CONTROL, true);
    pointer(iovecs + index * IOVEC, payloads + index * slot);
    view.setUint32(iovecs + index * IOVEC + 8, slot, true);
  }
  return {
    at: (index: number) => start + BigInt(headers + index * HEADER),
    /** The kernel writes the lengths it used over those it was given. */
    reset() {
      for (let index = 0; index < BATCH; index += 1) {
        view.setUint32(headers + index * HEADER + 8, NAME, true);
        view.setUint32(headers + index * HEADER + 40, CONTROL, true);
      }
    },
    read(index: number): Arrived {
      const payload = payloads + index * slot;
      const length = view.getUint32(headers + index * HEADER + 56, true);
      const name = names + index * NAME;
      return {
        payload: bytes.subarray(payload, payload + length),
        to: view.getUint32(controls + index * CONTROL + CONTROL_HEADER + 8),
        from: view.getUint32(name + 4),
        fromPort: view.getUint16(name + 2),
      };
    },
    write(index: number, payload: Uint8Array, from: number, to: number, toPort: number) {
      const name = names + index * NAME;
      view.setUint16(name, AF_INET, true);
      view.setUint16(name + 2, toPort);
      view.setUint32(name + 4, to);
      const control = controls + index * CONTROL;
      view.setBigUint64(control, BigInt(CONTROL_HEADER + 12), true);
      view.setInt32(control + 8, IPPROTO_IP, true);
      view.setInt32(control + 12, IP_PKTINFO, true);
      view.setUint32(control + CONTROL_HEADER, 0, true);
      view.setUint32(control + CONTROL_HEADER + 4, from);
      view.setUint32(control + CONTROL_HEADER + 8, 0);
      bytes.set(payload, payloads + index * slot);
      view.setUint32(iovecs + index * IOVEC + 8, payload.length, true);
    },
  };
}
