import { NoDeviceSockets } from '@sower/net';
import type { Owner } from './lifecycle.ts';
import { createReconciler, type Reconciler, type Wanted } from './reconcile.ts';
import { codeOf, messageOf, StartError } from './start-error.ts';
import type { Service } from './summary.ts';

/** The three ways to the right to open ports below 1024. */
const REMEDY =
  'run sower with sudo, or start it from a systemd socket unit, or give Node.js the right: setcap cap_net_bind_service=+ep "$(readlink -f "$(command -v node)")"';

/** A service whose sockets follow the host: on with its reconciler, or off for good because the right to its port is missing. */
export type OpenService = { readonly reconciler: Reconciler } | Extract<Service, { readonly off: string }>;

/**
 * Opens everything a service wants now. The right to a low port that is missing leaves the service off and everything
 * else on; any other fault is a StartError.
 */
export async function openService(
  port: number,
  wanted: () => Wanted,
  onError: (key: string, error: unknown) => void,
  owner: Owner,
): Promise<OpenService> {
  const reconciler = createReconciler(wanted, onError);
  try {
    await reconciler.tick();
  } catch (error) {
    await reconciler.close(0);
    if (codeOf(error) === 'EACCES')
      return { off: `this process has no right to open port ${port}/udp`, remedy: REMEDY };
    const advice =
      error instanceof NoDeviceSockets
        ? 'Leave out appliance.dhcp, and serve DHCP from another host.'
        : 'Stop what uses it, or change the data file.';
    throw new StartError(`${messageOf(error)}. ${advice}`, { cause: error });
  }
  return { reconciler: owner.own(reconciler) };
}
