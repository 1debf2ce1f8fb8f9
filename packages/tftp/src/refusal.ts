import type { Outcome } from './report.ts';
import { ERROR, type Request } from './wire/packet.ts';

/** What a client is told for each way to end before a transfer began (C-23). Outcomes that are not listed get no answer. */
export const REFUSALS: ReadonlyMap<Outcome, { readonly code: number; readonly message: string }> = new Map<
  Outcome,
  { readonly code: number; readonly message: string }
>([
  ['missing', { code: ERROR.missing, message: 'File not found' }],
  ['forbidden', { code: ERROR.forbidden, message: 'Access violation' }],
  ['write', { code: ERROR.forbidden, message: 'This server is read-only' }],
  ['mode', { code: ERROR.illegal, message: 'Mode not supported, use octet' }],
  ['empty', { code: ERROR.illegal, message: 'No file name' }],
  ['unreadable', { code: ERROR.other, message: 'File cannot be read' }],
  ['changed', { code: ERROR.other, message: 'File changed, try again' }],
]);

const MODES = new Set(['octet', 'netascii']);

/** Why a request is refused without looking for its file (C-03 to C-05); undefined when it is not. */
export function whyRefused(request: Request): 'write' | 'mode' | 'empty' | undefined {
  if (request.type === 'wrq') return 'write';
  if (!MODES.has(request.mode.toLowerCase())) return 'mode';
  if (request.file === '') return 'empty';
  return undefined;
}
