import type { Mac } from '@sower/net';
import type { RefusalCode } from './errors.ts';

/**
 * How an answer left. `complete`: its last byte was handed to the system. `aborted`: the peer went away, or read nothing
 * for too long. `cut`: we broke it off, because the file changed or could not be read.
 */
export type Delivery =
  | {
      /** Bytes of the body given to the connection; after an abort the peer may have received fewer. */
      readonly bytes: number;
      readonly outcome: 'complete' | 'aborted';
    }
  | { readonly bytes: number; readonly outcome: 'cut'; readonly cause: unknown };

/** Why a machine was given this script. */
export type ScriptWhy = 'install' | 'install-stopped' | 'missing-artifact' | 'netboot-never';

/** What a request was, as far as booting goes. Paths come without their query; no step carries a secret. */
export type Step =
  | {
      readonly kind: 'script';
      readonly mac: Mac;
      readonly name: string;
      readonly why: ScriptWhy;
      /** With `missing-artifact` the path that was looked for, with `install-stopped` the first error of the linter. */
      readonly detail: string | undefined;
    }
  | { readonly kind: 'config'; readonly mac: Mac; readonly name: string; readonly file: string }
  | {
      readonly kind: 'artifact';
      readonly path: string;
      /** Who holds the peer's address by the lease table, and its name where the inventory knows it. */
      readonly mac: Mac | undefined;
      readonly name: string | undefined;
      readonly status: 200 | 206 | 304;
    }
  /** A MAC outside the inventory asked for its script; `policy` decided the answer. */
  | { readonly kind: 'unknown'; readonly mac: Mac; readonly policy: 'ignore' | 'discover' | 'local' }
  | {
      readonly kind: 'refused';
      readonly path: string;
      readonly why: RefusalCode;
      /** The MAC that the path claims. */
      readonly mac: Mac | undefined;
      /** What exactly was in the way, for the log only. */
      readonly detail: string | undefined;
    }
  | { readonly kind: 'fault'; readonly path: string; readonly cause: unknown };

/** One answered request. `address` is the peer as text. */
export type HttpEvent = Step & { readonly address: string; readonly delivery: Delivery };
