import { describeMachine } from '@sower/machines';
import { json, type Answer } from './answer.ts';
import { baseOf, type Asked } from './asked.ts';
import type { BootService } from './service.ts';

/** `/all` of the boot listener: every machine with its values and links, secrets always masked; `http.all: false` removes it. */
export function allMasked(asked: Asked, service: BootService): Answer {
  if (!service.inventory().appliance.http.all) return { refused: 'no-such-path' };
  return all(asked, service, 'mask');
}

/** `/all` of the admin listener: the same, secrets shown. */
export function allShown(asked: Asked, service: BootService): Answer {
  return all(asked, service, 'show');
}

function all(asked: Asked, service: BootService, secrets: 'mask' | 'show'): Answer {
  const { appliance, machines } = service.inventory();
  const base = baseOf(asked, appliance, secrets === 'show' ? appliance.http.port : asked.local.port);
  return json({
    machines: machines.map((machine) => describeMachine(machine, base, secrets)),
    discovered: service
      .discovered()
      .map(({ mac, address, seen }) => ({ mac, address, seen: new Date(seen).toISOString() })),
  });
}
