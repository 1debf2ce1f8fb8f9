export { askControl, type Handler } from './control.ts';
export { type SubnetPlan } from './allocate.ts';
export { type Disk } from './journal-file.ts';
export { openJournal, type JournalOptions, type JournalReport } from './journal.ts';
export { openLeases } from './open-leases.ts';
export { type ImportConflict, type ImportOutcome } from './import-leases.ts';
export { readLeaseFile, writeLeaseFile, type LeaseFile } from './lease-file.ts';
export { type Lease } from './lease.ts';
export {
  type BindOutcome,
  type ClientDetails,
  type Clock,
  type DeclineOutcome,
  type LeaseReport,
  type Leases,
  type LeaseView,
} from './leases.ts';
export { ForeignJournal } from './lines.ts';
export { lockState, StateInUse, type StateLock } from './lock.ts';
export { memoryStore } from './memory.ts';
export {
  isObject,
  StoreUnwritable,
  type Entry,
  type Json,
  type JsonObject,
  type Store,
  type Write,
  type Written,
} from './store.ts';
