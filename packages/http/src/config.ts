import { installOf, stopReason } from '@sower/machines';
import type { Answer } from './answer.ts';
import type { Asked } from './asked.ts';
import type { BootService } from './service.ts';
import { whoAsks } from './who.ts';

/** `/config/<mac>/<name>`: a document of that machine, `config-create.yaml` or `config-join.yaml` for Harvester. None for a machine that the linter stops: the installer asks for five minutes. */
export function config(asked: Asked, service: BootService): Answer {
  const who = whoAsks(asked, service);
  if ('refused' in who) return who;
  const { inventory, mac, machine } = who;
  if (machine === undefined) return { refused: 'unknown-mac', mac };
  const file = asked.params.get('name') ?? '';
  const install = installOf(machine);
  if (!install.documents.includes(file)) {
    return { refused: 'no-such-config', mac, detail: `this machine has ${install.documents.join(', ')}` };
  }
  const stopped = stopReason(inventory.findingsOf(machine));
  if (stopped !== undefined) return { refused: 'install-stopped', mac, message: stopped, detail: stopped };
  const document = install.document(file);
  if (document === undefined) return { refused: 'no-such-config', mac, detail: `no content for ${file}` };
  return {
    status: 200,
    headers: { 'Content-Type': document.type, 'Cache-Control': 'no-store' },
    body: document.body,
    step: { kind: 'config', mac, name: machine.name, file },
  };
}
