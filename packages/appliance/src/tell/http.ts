import type { HttpEvent } from '@sower/http';
import type { Mac } from '@sower/net';
import type { BootEvent } from '../events.ts';
import { messageOf } from '../start-error.ts';

/** Ranges of one file in a row: a client that reads an ISO piece by piece would fill the log. */
const PIECE = 206;

/** What an answered HTTP request is as a step of a boot. */
export function tellHttp(event: HttpEvent, nameOf: (mac: Mac) => string | undefined): BootEvent {
  const { address, delivery } = event;
  const fields = { address, bytes: delivery.bytes, delivery: delivery.outcome };
  const left = delivery.outcome === 'complete' ? '' : ` (${delivery.outcome} after ${delivery.bytes} bytes)`;
  switch (event.kind) {
    case 'script':
      return {
        step: 'http',
        why: event.why,
        level: WAITS.has(event.why) ? 'warn' : 'info',
        mac: event.mac,
        name: event.name,
        text: `${SCRIPT_TEXT[event.why]}${event.detail === undefined ? '' : `: ${event.detail}`}${left}`,
        fields: { ...fields, because: event.detail },
      };
    case 'config':
      return {
        step: 'http',
        why: 'config',
        level: 'info',
        mac: event.mac,
        name: event.name,
        text: `its config ${event.file}${left}`,
        fields: { ...fields, file: event.file },
      };
    case 'artifact':
      return {
        step: 'http',
        why: 'artifact',
        level: event.status === PIECE ? 'debug' : 'info',
        mac: event.mac,
        name: event.name,
        text: `${event.path}${left}`,
        fields: { ...fields, path: event.path, status: event.status },
      };
    case 'unknown':
      return {
        step: 'http',
        why: 'unknown-mac',
        level: 'info',
        mac: event.mac,
        name: undefined,
        text: `is not in data.yaml (unknown: ${event.policy})`,
        fields: { ...fields, policy: event.policy },
      };
    case 'refused':
      return {
        step: 'http',
        why: event.why,
        level: event.why === 'not-your-address' ? 'warn' : 'info',
        mac: event.mac,
        name: event.mac === undefined ? undefined : nameOf(event.mac),
        text: `refused ${event.path}`,
        fields: { ...fields, path: event.path, detail: event.detail },
      };
    case 'fault':
      return {
        step: 'http',
        why: 'fault',
        level: 'error',
        mac: undefined,
        name: undefined,
        text: `fault at ${event.path}: ${messageOf(event.cause)}`,
        fields: { ...fields, path: event.path },
      };
  }
}

/** Scripts that wait until somebody does something about it. */
const WAITS: ReadonlySet<string> = new Set(['missing-artifact', 'install-stopped']);

const SCRIPT_TEXT = {
  install: 'its script',
  'install-stopped': 'a script that waits, for the data file has errors',
  'missing-artifact': 'a script that waits, for an artifact is missing',
  'netboot-never': 'a local-boot script (netboot: never)',
} as const;
