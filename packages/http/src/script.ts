import {
  artifactUrl,
  discoverScript,
  localBootScript,
  machineScript,
  stopReason,
  waitScript,
  type ApplianceSettings,
} from '@sower/machines';
import type { Mac } from '@sower/net';
import { text, type Answer } from './answer.ts';
import { baseOf, type Asked } from './asked.ts';
import { findRelease } from './release.ts';
import type { BootService } from './service.ts';
import { whoAsks } from './who.ts';

/** `/ipxe/<mac>`: what this machine boots now, as an iPXE script. */
export async function script(asked: Asked, service: BootService): Promise<Answer> {
  const who = whoAsks(asked, service);
  if ('refused' in who) return who;
  const { inventory, mac, machine } = who;
  const base = baseOf(asked, inventory.appliance);
  if (machine === undefined) return unknownScript(mac, base, inventory.appliance.unknown);
  const { name } = machine;
  if (machine.netboot === 'never') {
    const step = { kind: 'script', mac, name, why: 'netboot-never', detail: undefined } as const;
    return text(localBootScript(machine.localboot, `${name} has netboot: never`), step);
  }
  const stopped = stopReason(inventory.findingsOf(machine));
  if (stopped !== undefined) {
    const step = { kind: 'script', mac, name, why: 'install-stopped', detail: stopped } as const;
    return text(waitScript(mac, base, `not installed: ${stopped}`), step);
  }
  const found = await findRelease(machine, inventory.appliance, service.files);
  if ('missing' in found) {
    const step = { kind: 'script', mac, name, why: 'missing-artifact', detail: found.missing } as const;
    return text(waitScript(mac, base, `missing in the artifacts folder: ${found.missing}`), step);
  }
  const urls = Object.entries(found.release).map(
    ([file, path]) => [file, artifactUrl(base, inventory.appliance.artifacts, path)] as const,
  );
  const step = { kind: 'script', mac, name, why: 'install', detail: undefined } as const;
  return text(machineScript(machine, base, Object.fromEntries(urls)), step);
}

function unknownScript(mac: Mac, base: string, policy: ApplianceSettings['unknown']): Answer {
  const step = { kind: 'unknown', mac, policy } as const;
  if (policy === 'ignore') return { refused: 'unknown-mac', step };
  if (policy === 'discover') return text(discoverScript(mac, base), step);
  return text(localBootScript(undefined, `${mac} is not in data.yaml`), step);
}
