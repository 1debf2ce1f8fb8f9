import type { IPv4, Subnet } from '@sower/net';
import type { OptionBytes } from '../wire/option-set.ts';

/** What the answer to one client depends on, gathered by the caller; everything is a snapshot. */
export interface Facts {
  /** Server identifier (54): our address on the interface the packet came in on. */
  readonly server: IPv4;
  /** Whether a server identifier in a request is one of ours. */
  isOurs(identifier: IPv4): boolean;
  /** Whether a relay agent at this address may be answered: one inside a configured subnet, or a listed one. */
  knowsRelay(giaddr: IPv4): boolean;
  /** The subnet this client is on. */
  readonly network: Network;
  readonly binding: Binding;
  /** Undefined: no boot fields, plain DHCP. */
  readonly boot: BootFields | undefined;
  /** Option 12 for the client, already sanitised; undefined for none. */
  readonly hostname: string | undefined;
  /** What else this client is told, each code once; one of these counts more than the network's own setting. */
  readonly extras: readonly ExtraOption[];
}

/** An option that somebody configured. */
export interface ExtraOption extends OptionBytes {
  /** Sent also to a client that does not ask for it. */
  readonly force: boolean;
}

/** Settings of one subnet, as the reply needs them. */
export interface Network {
  readonly subnet: Subnet;
  readonly router: IPv4 | undefined;
  readonly dns: readonly IPv4[];
  readonly domain: string | undefined;
  /** Seconds: the longest lease; a shorter request is honoured down to 120 s. */
  readonly lease: number;
  readonly authoritative: boolean;
  /** Whether a client that asks for it gets its ACK at once (A-27, RFC 4039): only where no other server offers. */
  readonly rapidCommit: boolean;
}

/** The client's addresses in this subnet. Functions are queries on a snapshot: no I/O, no waiting. */
export interface Binding {
  /** Bound or remembered for this client in this subnet, expired or not; undefined when unknown. */
  readonly known: IPv4 | undefined;
  /** The address that is kept for this client, whether or not it may have it now. */
  readonly reserved: IPv4 | undefined;
  /** Which address to OFFER, given what it asked for with option 50; undefined: none is free. */
  offer(requested: IPv4 | undefined): IPv4 | undefined;
  /**
   * Whether this client may be committed to `address` now: its own or free, in the pool or reserved for it, not
   * quarantined.
   */
  readonly mayHave: (address: IPv4) => boolean;
}

/** What the boot fields say (B.2); the class decides about 60, 43 and 175. */
export interface BootFields {
  readonly class: 'http' | 'ours' | 'ipxe' | 'rpi' | 'pxe';
  /** siaddr and 66: never 0 (B-08b). */
  readonly nextServer: IPv4;
  /** `file` and 67: a TFTP name or an absolute URL. */
  readonly file: string;
  /** What option 43 says besides, and with it 60; by default what suits the class. */
  readonly menu?: Menu;
}

/**
 * What option 43 tells a PXE client. `skip-discovery`: to look for no other boot server; the other two: the words that
 * Raspberry Pi ROMs look for, those of the first boards with three blanks behind them (B-24).
 */
export type Menu = 'skip-discovery' | 'raspberry-pi' | 'raspberry-pi-padded';

/** What is to be done to the lease table before the reply leaves. */
export type Change =
  /** Keep the address for this client for a while, in memory only (A-32, G-07). */
  | { readonly kind: 'hold'; readonly address: IPv4 }
  /** Commit, durably, before the ACK leaves. `seconds` is what the reply says in option 51. */
  | { readonly kind: 'bind'; readonly address: IPv4; readonly seconds: number }
  | { readonly kind: 'release'; readonly address: IPv4 }
  | { readonly kind: 'decline'; readonly address: IPv4 }
  /** The client took another server's offer. */
  | { readonly kind: 'drop-hold' };
