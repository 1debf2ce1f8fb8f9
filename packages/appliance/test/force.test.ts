import { parseInventory } from '@sower/machines';
import { expect, test } from 'vitest';
import { keepHeld, needsRestart } from '../src/force.ts';

const inventoryOf = (appliance: string) =>
  parseInventory(`appliance: ${appliance}\nmaclist: []\n`, 'data.yaml').inventory ?? expect.fail('no inventory');

test('what only a restart can change stays as it is, also in what machines are told', () => {
  const running = inventoryOf('{ http: { port: 10000 }, state: ./a, unknown: ignore }');
  const changed = inventoryOf('{ http: { port: 10080, all: false }, admin: { port: 1 }, state: ./b, unknown: local }');
  const kept = keepHeld(running, changed);
  expect(kept.appliance).toEqual({
    ...running.appliance,
    http: { ...running.appliance.http, all: false },
    unknown: 'local',
  });
  expect(needsRestart(kept, changed)).toEqual([
    'appliance.http.port',
    'appliance.admin.port',
    'appliance.admin.tokenFile',
    'appliance.state',
  ]);
  expect(needsRestart(kept, running)).toEqual([]);
});
