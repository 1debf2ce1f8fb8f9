import { codeOf, NoDeviceSockets } from '@sower/net';
import type { Owner } from './lifecycle.ts';
import { createReconciler, type Reconciler, type Wanted } from './reconcile.ts';
import { messageOf, StartError } from './start-error.ts';
import type { Service } from './summary.ts';

/** What opens sockets that follow the host. */
type ServiceName = 'tftp' | 'dhcp' | 'watch';

/** What a systemd socket unit says to hand over the sockets of a service (N-06); the watch has none. */
const UNITS: Readonly<Record<ServiceName, ((port: number) => string) | undefined>> = {
  tftp: (port: number) => `ListenDatagram=0.0.0.0:${port}, FileDescriptorName=tftp`,
  dhcp: (port: number) =>
    `one for each interface: ListenDatagram=0.0.0.0:${port}, BindToDevice=<interface>, Broadcast=yes, FileDescriptorName=dhcp-<interface>`,
  watch: undefined,
};

/** The ways to the right to open ports below 1024. */
function remedy(unit: string | undefined): string {
  const units = unit === undefined ? '' : `start it from a systemd socket unit (${unit}), or `;
  return `run sower with sudo, or ${units}give Node.js the right: sudo setcap cap_net_bind_service=+ep "${process.execPath}"`;
}

/** What to do about an error that a start cannot go on with. */
function adviceFor(error: unknown): string {
  if (error instanceof NoDeviceSockets) {
    return `Leave out appliance.dhcp, or start sower from a systemd socket unit (${UNITS.dhcp?.(67)}).`;
  }
  if (codeOf(error) === 'EINVAL') return 'Correct appliance.dhcp, or the socket unit.';
  return 'Stop what uses it, or change the data file.';
}

/** A service whose sockets follow the host: on with its reconciler, or off for good because the right to its port is missing. */
export type OpenService = { readonly reconciler: Reconciler } | Extract<Service, { readonly off: string }>;

/**
 * Opens everything a service wants now. The right to a low port that is missing leaves the service off and everything
 * else on; any other fault is a StartError.
 */
export async function openService(
  name: ServiceName,
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
    if (error instanceof StartError) throw error;
    // EPERM: kernels before 5.7 want CAP_NET_RAW for SO_BINDTODEVICE (N-08).
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') {
      return { off: `this process has no right to open port ${port}/udp`, remedy: remedy(UNITS[name]?.(port)) };
    }
    throw new StartError(`${messageOf(error)}. ${adviceFor(error)}`, { cause: error });
  }
  return { reconciler: owner.own(reconciler) };
}
