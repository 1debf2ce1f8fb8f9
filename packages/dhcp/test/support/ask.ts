import { expect } from 'vitest';
import { sizeLimit } from '../../src/rules/content.ts';
import type { Facts } from '../../src/rules/facts.ts';
import { intentOf, type Intent } from '../../src/rules/intent.ts';
import { respond, type Outcome } from '../../src/rules/respond.ts';
import { decode } from '../../src/wire/decode.ts';
import { encode } from '../../src/wire/encode.ts';
import type { Message } from '../../src/wire/message.ts';

/** Decodes what must be a message. */
export function read(payload: Uint8Array): Message {
  const message = decode(payload);
  return 'malformed' in message ? expect.fail(`malformed: ${message.malformed}`) : message;
}

/** What a client gets for one datagram: the outcome, and the bytes of the reply. */
export function ask(
  payload: Uint8Array,
  facts: Facts,
  how: { readonly broadcast?: boolean; readonly mtu?: number } = {},
): { readonly intent: Intent['kind']; readonly outcome: Outcome; readonly reply: Uint8Array | undefined } {
  const message = read(payload);
  const intent = intentOf(message, { broadcast: how.broadcast ?? true, isOurs: (id) => facts.isOurs(id) });
  if (intent.kind === 'ignored') return expect.fail(`ignored: ${intent.why}`);
  const outcome = respond({ message, intent }, facts);
  const { reply } = outcome;
  return {
    intent: intent.kind,
    outcome,
    reply: reply === undefined ? undefined : encode(reply, sizeLimit(message, how.mtu)).bytes,
  };
}

/** The reply that there must be. */
export function replyTo(
  payload: Uint8Array,
  facts: Facts,
  how: { readonly broadcast?: boolean; readonly mtu?: number } = {},
) {
  return ask(payload, facts, how).reply ?? expect.fail('no reply');
}
