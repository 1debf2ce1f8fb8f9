import { configName, renderConfig, stopReason } from '@sower/machines';
import type { Answer } from './answer.ts';
import type { Asked } from './asked.ts';
import type { BootService } from './service.ts';
import { whoAsks } from './who.ts';

/** `/config/<mac>/config-create.yaml` or `config-join.yaml`: the install config of that machine, and only under its own name. None for a machine that the linter stops: the installer asks for five minutes. */
export function config(asked: Asked, service: BootService): Answer {
  const who = whoAsks(asked, service);
  if ('refused' in who) return who;
  const { inventory, mac, machine } = who;
  if (machine === undefined) return { refused: 'unknown-mac', mac };
  const file = configName(machine);
  if (asked.params.get('name') !== file) return { refused: 'no-such-config', mac, detail: `this machine has ${file}` };
  const stopped = stopReason(inventory.findingsOf(machine));
  if (stopped !== undefined) return { refused: 'install-stopped', mac, message: stopped, detail: stopped };
  return {
    status: 200,
    headers: { 'Content-Type': 'text/yaml', 'Cache-Control': 'no-store' },
    body: renderConfig(machine.config),
    step: { kind: 'config', mac, name: machine.name, file },
  };
}
