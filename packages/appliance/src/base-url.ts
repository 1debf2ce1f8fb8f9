import type { ApplianceSettings, Machine } from '@sower/machines';
import { contains, formatIPv4, interfaceAddresses, ipv4, parseIPv4, type IPv4 } from '@sower/net';

/** What machines are told, when the request does not say it: DHCP replies, and the links a person sees. Without a slash at its end. */
export function baseUrl(http: ApplianceSettings['http'], reached: IPv4): string {
  return http.url ?? literalUrl(http, reached);
}

/** As `baseUrl`, but always an address: UEFI HTTP Boot would need a resolver for a name (B-12, decisions.md section 1). */
export function literalUrl(http: ApplianceSettings['http'], reached: IPv4): string {
  const bound = parseIPv4(http.address);
  const address = bound === undefined || bound === 0 ? reached : bound;
  return `http://${formatIPv4(address)}${http.port === 80 ? '' : `:${http.port}`}`;
}

/**
 * The base of the links that a person is shown for a machine, without a request that says it: our address on the
 * machine's subnet, else on a served interface, else any but loopback.
 */
export function linkBase(
  { network }: Machine,
  { http, dhcp }: ApplianceSettings,
  addresses = interfaceAddresses(),
): string {
  const own = network.address;
  const outside = addresses.filter(({ address }) => address >>> 24 !== LOOPBACK >>> 24);
  const best =
    outside.find(({ subnet }) => own !== undefined && contains(subnet, own)) ??
    outside.find(({ name }) => dhcp?.interfaces.includes(name)) ??
    outside[0];
  return baseUrl(http, best?.address ?? LOOPBACK);
}

const LOOPBACK = ipv4(0x7f000001);
