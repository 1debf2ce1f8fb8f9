export { createTftpServer, type TftpLimits, type TftpServer, type TftpServerOptions } from './server.ts';
export type { ListenAt } from './listen.ts';
export type { TftpListener } from './listener.ts';
export type { Outcome, Report } from './report.ts';
export type { FileFinder } from './shared.ts';
export { download, type Download, type DownloadRequest } from './client.ts';
export { systemClock, type Clock } from './clock.ts';
export { namesToTry } from './name.ts';
export {
  acknowledgedBytes,
  step,
  transfer,
  type Effect,
  type Failure,
  type Step,
  type Transfer,
  type TransferEvent,
  type TransferOutcome,
} from './transfer.ts';
export { negotiate, type Negotiated, type Offer, type Terms } from './wire/options.ts';
export { decode, encode, ERROR, printable, type Option, type Packet, type Request } from './wire/packet.ts';
