import { NOTICES, notifySocket, watchdogInterval, type Notice } from '@sower/deploy';
import { sendUnixDatagram } from '@sower/net';

/** The line to systemd, where there is one. */
export interface Notifier {
  /** Says it. A failure is told to `onError`, and changes nothing. */
  say(notice: Notice): Promise<void>;
  /** Gives a sign of life as often as the unit's WatchdogSec= wants one, for as long as the process runs. */
  keepAlive(): void;
}

export function createNotifier(
  environment: NodeJS.ProcessEnv,
  pid: number,
  onError: (error: unknown) => void,
): Notifier {
  const socket = notifySocket(environment);
  const say = async (notice: Notice): Promise<void> => {
    if (socket !== undefined) await sendUnixDatagram(socket, Buffer.from(NOTICES[notice])).catch(onError);
  };
  return {
    say,
    keepAlive() {
      const interval = watchdogInterval(environment, pid);
      if (interval !== undefined) setInterval(() => void say('alive'), interval).unref();
    },
  };
}
