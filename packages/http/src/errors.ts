import type { Refusal, Reply } from './answer.ts';

/** Every refusal there is: status and what the machine's screen shows (at most 128 bytes, D-08). */
const REFUSALS = {
  'bad-target': [400, 'This path cannot be read.'],
  'no-host': [400, 'HTTP/1.1 needs a Host header.'],
  'bad-mac': [400, 'This is not a MAC address.'],
  'no-token': [401, 'A valid bearer token is needed.'],
  'not-your-address': [403, 'This address is leased to another machine.'],
  'foreign-page': [403, 'This Host or Origin is not served here.'],
  'no-such-path': [404, 'Nothing is served at this path.'],
  'unknown-mac': [404, 'No machine in the inventory has this MAC address.'],
  'no-such-config': [404, 'This machine has no such config.'],
  'no-such-artifact': [404, 'No such artifact.'],
  'method-not-allowed': [405, 'Only GET and HEAD are served here.'],
  'condition-failed': [412, 'The file is not the one that you mean.'],
  'body-not-allowed': [413, 'No request body is taken here.'],
  'target-too-long': [414, 'The request line is too long.'],
  'range-outside': [416, 'The file does not reach so far.'],
  'too-many-headers': [431, 'Too many header fields.'],
  'install-stopped': [503, 'The data file has errors in what this machine would be installed with.'],
  'bad-version': [505, 'Only HTTP/1.1 and HTTP/1.0 are spoken here.'],
  fault: [500, 'Something went wrong here; the log of the server says what.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** Characters of a message: what a screen of a machine can show. */
const LONGEST_MESSAGE = 126;

/** Why a request got no content: status, log field and test expectation in one word. */
export type RefusalCode = keyof typeof REFUSALS;

/**
 * The one exit of every error: plain text for machines, JSON for who asks for it. Never HTML, never a cause.
 * `accept` is the request's header, `path` its path without the query.
 */
export function replyTo(refusal: Refusal, path: string, accept: string | undefined): Reply {
  const code = refusal.refused;
  const [status, general] = REFUSALS[code];
  const message = (refusal.message ?? general).slice(0, LONGEST_MESSAGE);
  const asJson = accept !== undefined && /\bapplication\/json\b/i.test(accept);
  return {
    status,
    headers: { ...refusal.headers, 'Content-Type': asJson ? 'application/json' : 'text/plain' },
    body: asJson ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`,
    step: refusal.step ?? { kind: 'refused', path, why: code, mac: refusal.mac, detail: refusal.detail },
  };
}
