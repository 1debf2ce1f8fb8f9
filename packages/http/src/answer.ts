import type { OpenFile } from '@sower/files';
import type { RefusalCode } from './errors.ts';
import type { Step } from './event.ts';
import type { Asked } from './asked.ts';
import type { BootService } from './service.ts';
import type { Mac } from '@sower/net';

/** A run of bytes of an open file; whoever sends it closes the file. */
export interface FilePiece {
  readonly file: OpenFile;
  readonly start: number;
  readonly length: number;
}

/** An answer in full. Content-Length is made from the body, so it cannot be wrong. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the status has no body (304). */
  readonly body: string | FilePiece | undefined;
  /** Undefined: no boot step, nothing to observe. */
  readonly step: Step | undefined;
}

/** An expected negative; errors.ts turns it into a reply. */
export interface Refusal {
  readonly refused: RefusalCode;
  /** The MAC that the path claims. */
  readonly mac?: Mac;
  /** What the client is told in place of the table's text; never a secret. */
  readonly message?: string;
  /** What exactly was in the way: for the log, never for the client. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What to observe instead of a plain refusal. */
  readonly step?: Step;
}

export type Answer = Reply | Refusal;

/** What the middleware hand to each other. */
export interface AppState {
  /** The path without its query: canonical once it was read, before that as it came. */
  path: string;
  /** The answer so far. */
  answer: Answer;
}

/** One route's work. An expected negative is a Refusal; what it throws is a fault. */
export type Handler = (asked: Asked, service: BootService) => Answer | Promise<Answer>;

/** A plain text answer. The type has no parameters (D-06); what a machine is told now must not be told again from a cache. */
export function text(body: string, step?: Step): Reply {
  return { status: 200, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }, body, step };
}

/** A JSON answer for people and their tools. */
export function json(value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status: 200, headers, body: `${JSON.stringify(value, undefined, 2)}\n`, step: undefined };
}
