import type { Mac } from '@sower/net';
import type { BootEvent, Tell } from '../events.ts';
import type { BootDesk } from '../force.ts';

/** A machine has its loader, by TFTP or by UEFI HTTP Boot; the third one without a script is a loop, and told (B-21). */
export function countLoader(desk: BootDesk, mac: Mac, step: BootEvent['step'], tell: Tell): void {
  if (desk.trails.loaderFetched(mac) === 'fine') return;
  tell({
    step,
    why: 'loader-loop',
    level: 'warn',
    mac,
    name: desk.force().inventory.machineOf(mac)?.name,
    text: 'has fetched its loader three times in two minutes and never its script: does its HTTP reach us?',
    fields: {},
  });
}
