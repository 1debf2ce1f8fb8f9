/** What a service tells systemd (sd_notify(3)). */
export const NOTICES = { ready: 'READY=1', alive: 'WATCHDOG=1', stopping: 'STOPPING=1' } as const;
export type Notice = keyof typeof NOTICES;

type Environment = Readonly<Record<string, string | undefined>>;

/** The socket on which systemd listens; undefined where nobody does. */
export function notifySocket({ NOTIFY_SOCKET: socket }: Environment): string | undefined {
  return socket === '' ? undefined : socket;
}

/**
 * How often systemd wants a sign of life, in ms: half of what it waits for (sd_watchdog_enabled(3)). undefined where it does not,
 * or where another process is meant.
 */
export function watchdogInterval(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_USEC: limit, WATCHDOG_PID: owner } = environment;
  if (limit === undefined || !/^[1-9]\d{0,14}$/.test(limit)) return undefined;
  if (owner !== undefined && owner !== String(pid)) return undefined;
  return Math.max(1, Math.floor(Number(limit) / 2000));
}
