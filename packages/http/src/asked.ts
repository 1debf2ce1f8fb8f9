import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ApplianceSettings } from '@sower/machines';
import { parseIPv4, type IPv4, type Subnet } from '@sower/net';
import { peerOf, unmapped } from './peer.ts';

/** A request as the handlers see it: nothing in it comes from Host, nor from an X-Forwarded-For that no listed proxy wrote (D-09). */
export interface Asked {
  /** Canonical path without the query. */
  readonly path: string;
  /** The route's parameters, decoded. */
  readonly params: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly head: boolean;
  /** The peer, for logs. */
  readonly address: string;
  /** The peer, for the lease table; undefined when it is not IPv4. */
  readonly ipv4: IPv4 | undefined;
  /** The local end that the request came in on: what the peer certainly reaches (D-16). */
  readonly local: { readonly host: string; readonly port: number };
}

/** Reads what the handlers need of a request whose target was understood. */
export function asked(
  request: IncomingMessage,
  path: string,
  params: Readonly<Record<string, string>>,
  proxies: readonly Subnet[],
): Asked {
  const { localAddress = '', localPort = 0 } = request.socket;
  const address = peerOf(request, proxies);
  return {
    path,
    params: new Map(Object.entries(params)),
    headers: request.headers,
    head: request.method === 'HEAD',
    address,
    ipv4: parseIPv4(address),
    local: { host: asHost(unmapped(localAddress)), port: localPort },
  };
}

/**
 * The base of every URL that a machine is told: `appliance.http.url`, or else the address that it reached us on.
 * `port` is the boot listener's, where the request came in on another one.
 */
export function baseOf({ local }: Asked, { http }: ApplianceSettings, port = local.port): string {
  return http.url ?? `http://${local.host}:${port}`;
}

function asHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
