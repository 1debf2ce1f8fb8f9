/** The one site that every server gets a configuration for: a veth pair, the server at one end and all machines at the other. */
export const SITE = {
  network: '10.64.0.0',
  netmask: '255.240.0.0',
  broadcast: '10.79.255.255',
  prefix: 12,
  /** The server's interface, and its address. */
  device: 'wire',
  server: '10.64.0.1',
  /** The machines' interface, and the address of the relay agent among them. */
  machineDevice: 'eth0',
  relay: '10.64.0.2',
  /** For machines that are not listed: 262,142 addresses. */
  pool: { first: '10.66.0.1', last: '10.69.255.254' },
  /** For a server that loses its breath with a pool of that size: 16,382 addresses. */
  smallPool: { first: '10.66.0.1', last: '10.66.63.254' },
  leaseSeconds: 43_200,
  httpPort: 10_000,
} as const;

/** One machine of the boot storm, or one client of a TFTP cell. */
export interface SiteMachine {
  readonly mac: string;
  readonly address: string;
}

/** Machine `index` (from 0) of those that are listed with an address of their own: 10.65.0.1 and those that follow it. */
export function siteMachine(index: number): SiteMachine {
  const number = index + 1;
  const [high, low] = [number >>> 8, number & 255];
  const bytes = [high, low].map((byte) => byte.toString(16).padStart(2, '0'));
  return { mac: `52:54:00:65:${bytes.join(':')}`, address: `10.65.${high}.${low}` };
}
