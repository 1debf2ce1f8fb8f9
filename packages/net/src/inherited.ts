import { openDatagrams, type Datagrams, type DatagramsOptions } from './datagrams.ts';

/** Descriptors by the name that the parent gave them, in its order. */
export type InheritedSockets = ReadonlyMap<string, readonly number[]>;

/** SD_LISTEN_FDS_START: descriptors 0 to 2 are the standard streams. */
const FIRST = 3;
/** A number of descriptors or a process id. */
const NUMBER = /^\d{1,7}$/;

/**
 * The sockets that this process was started with, as systemd hands them over (sd_listen_fds(3); N-06). `pid` is our own:
 * descriptors that are meant for another process are none of ours. Without LISTEN_FDNAMES each is called "unknown".
 */
export function inheritedSockets(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): InheritedSockets | { readonly malformed: string } {
  const { LISTEN_PID: owner, LISTEN_FDS: count, LISTEN_FDNAMES: list } = environment;
  if (count === undefined) return new Map();
  if (owner !== undefined && !NUMBER.test(owner)) return { malformed: `LISTEN_PID=${owner} is no process id` };
  if (!NUMBER.test(count)) return { malformed: `LISTEN_FDS=${count} is no number of descriptors` };
  if ((owner !== undefined && Number(owner) !== pid) || Number(count) === 0) return new Map();
  const names = list?.split(':') ?? Array.from({ length: Number(count) }, () => 'unknown');
  if (names.length !== Number(count)) {
    return { malformed: `LISTEN_FDNAMES=${list ?? ''} has ${names.length} names for LISTEN_FDS=${count} descriptors` };
  }
  const sockets = new Map<string, number[]>();
  for (const [at, name] of names.entries()) sockets.set(name, [...(sockets.get(name) ?? []), FIRST + at]);
  return sockets;
}

/** A socket that stays open while its users come and go: a descriptor that was handed over cannot be opened again. */
export interface Adopted {
  readonly address: string;
  readonly port: number;
  /** What arrives from now on goes to these handlers. Closing the result ends that and leaves the socket open. */
  use(handlers: Pick<DatagramsOptions, 'onMessage' | 'onError'>): Datagrams;
  /** Resolves when the descriptor is closed. */
  close(): Promise<void>;
}

/**
 * Adopts an inherited UDP socket for good. What arrives while nobody uses it is dropped.
 * Rejects as `openDatagrams` does.
 */
export async function adoptDatagrams(
  fd: number,
  options: Pick<DatagramsOptions, 'receiveBuffer' | 'broadcast'>,
): Promise<Adopted> {
  let user: Pick<DatagramsOptions, 'onMessage' | 'onError'> | undefined;
  const socket = await openDatagrams(
    { fd },
    {
      ...options,
      onMessage: (payload, from) => user?.onMessage(payload, from),
      onError: (error) => user?.onError(error),
    },
  );
  return {
    address: socket.address,
    port: socket.port,
    use(handlers) {
      user = handlers;
      return {
        ...socket,
        async close() {
          if (user === handlers) user = undefined;
        },
      };
    },
    close: () => socket.close(),
  };
}
