import type { Source } from '@sower/files';
import type { Inventory } from '@sower/machines';
import type { IPv4, Mac } from '@sower/net';
import type { HttpEvent } from './event.ts';

/** A MAC outside the inventory that asked for a script under `unknown: discover`. */
export interface Discovered {
  readonly mac: Mac;
  /** The peer it asked from, as text. */
  readonly address: string;
  /** Last time it asked, ms since 1970. */
  readonly seen: number;
}

/** What the boot plane is made of; the appliance puts it together. */
export interface BootService {
  /** The inventory in force now: asked once per request, so a reload never mixes two. */
  inventory(): Inventory;
  /** `/artifacts/<path>`, loaders included. */
  readonly files: Source;
  /** Who speaks from this address by the lease table (D-13). */
  holderOf(address: IPv4): Mac | undefined;
  /** Who seems to speak from this address, for the event; nobody is refused by it. */
  speakerAt(address: IPv4): Mac | undefined;
  /** Machines for `/all` that are not in the inventory. */
  discovered(): readonly Discovered[];
  /** Told exactly once of every answered request but the plain HEADs, after its last byte. Must not throw. */
  observe(event: HttpEvent): void;
}
