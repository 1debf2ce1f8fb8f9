import { formatIPv4 } from '@sower/net';
import {
  isObject,
  readLeaseFile,
  writeLeaseFile,
  type Handler,
  type ImportConflict,
  type ImportOutcome,
  type Json,
  type JsonObject,
  type Leases,
} from '@sower/state';

/** What the control socket of a state folder understands. */
export type ControlRequest =
  | { readonly command: 'status' }
  /** Answer: the document of `writeLeaseFile`. */
  | { readonly command: 'export-leases' }
  /** Answer: an ImportReport. */
  | { readonly command: 'import-leases'; readonly document: Json };

/** What became of an import: how many leases were taken over and how many left out, or why nothing was done. */
export type ImportReport = { readonly taken: number; readonly kept: number } | { readonly refused: readonly string[] };

export interface Control {
  readonly handle: Handler;
  /** From now on these are the leases. */
  serve(leases: Leases): void;
}

/** Answers on the control socket, which is open before the leases are read: it is the lock of their folder. */
export function createControl(): Control {
  let leases: Leases | undefined;
  return {
    serve: (opened) => void (leases = opened),
    async handle(request) {
      const command = isObject(request) ? request.command : undefined;
      if (command === 'status') return { status: leases === undefined ? 'starting' : 'serving', pid: process.pid };
      if (leases === undefined) throw new Error('the leases are still being read; try again');
      if (command === 'export-leases') return writeLeaseFile(leases.all());
      if (isObject(request) && command === 'import-leases') return await importInto(leases, request.document ?? null);
      throw new Error(`there is no command ${JSON.stringify(command ?? null)}`);
    },
  };
}

async function importInto(leases: Leases, document: Json): Promise<JsonObject> {
  const file = readLeaseFile(document);
  if ('problems' in file) return { refused: file.problems };
  const outcome = await leases.import(file.leases);
  return outcome.outcome === 'imported' ? { taken: outcome.taken, kept: outcome.kept } : { refused: reasons(outcome) };
}

const REASONS: Readonly<Record<ImportConflict['why'], string>> = {
  'not-in-subnet': 'the address is not in the subnet that the entry names',
  'address-taken': 'somebody else has the address here, is being offered it, or it is in quarantine',
  'client-has-another': 'the client has another address in this subnet',
};

function reasons(outcome: Exclude<ImportOutcome, { readonly outcome: 'imported' }>): readonly string[] {
  if (outcome.outcome === 'changed-meanwhile') return ['an address changed hands in this moment; try again'];
  return outcome.conflicts.map(({ lease, why }) => `${formatIPv4(lease.address)} for ${lease.mac}: ${REASONS[why]}`);
}
