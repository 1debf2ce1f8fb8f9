import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_EPOCH, PLATFORMS, type Output } from '../src/index.ts';
import { createLog } from '../src/make-log.ts';
import { planMake } from '../src/make.ts';

describe('the command lines of make', () => {
  const lines = (output: Output, script?: string, ca?: string, arch = 'x64') => {
    const recipe = { output, script: undefined, ca: undefined, platforms: PLATFORMS, epoch: DEFAULT_EPOCH };
    return [...planMake(recipe, { script, ca }, arch).values()].map(({ command, args }) =>
      [command, ...args].join(' '),
    );
  };

  test('for a medium: the script by a path of its own', () => {
    expect(lines('usb', 'abc')).toEqual([
      'make bin/ipxe.lkrn NO_WERROR=1 EMBED=../embed/abc/script.ipxe',
      'make bin-x86_64-efi/ipxe.efi NO_WERROR=1 EMBED=../embed/abc/script.ipxe',
      'make bin-arm64-efi/ipxe.efi NO_WERROR=1 CROSS=aarch64-linux-gnu- EMBED=../embed/abc/script.ipxe',
    ]);
  });

  test('for loaders, on arm64, with a CA', () => {
    expect(lines('loaders', undefined, 'def', 'arm64')).toEqual([
      'make bin/undionly.kpxe NO_WERROR=1 CROSS=x86_64-linux-gnu- CERT=../embed/def/ca.pem TRUST=../embed/def/ca.pem',
      'make bin-x86_64-efi/snponly.efi bin-x86_64-efi/ipxe.efi NO_WERROR=1 CROSS=x86_64-linux-gnu-' +
        ' CERT=../embed/def/ca.pem TRUST=../embed/def/ca.pem',
      'make bin-arm64-efi/snponly.efi bin-arm64-efi/ipxe.efi NO_WERROR=1 CERT=../embed/def/ca.pem TRUST=../embed/def/ca.pem',
    ]);
  });
});

test('the log of make: all of it in the file, its end at hand, and a counter on the screen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sower-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const shown: string[] = [];
  const log = createLog('x64', join(folder, 'logs', 'x64.log'), (line) => shown.push(line));
  for (let step = 1; step <= 120; step += 1) log.onLine(`  [BUILD] bin-x86_64-efi/${step}.o`);
  log.onLine('a warning');
  await log.save();
  expect(shown).toEqual([
    'x64: step 1, bin-x86_64-efi/1.o',
    'x64: step 50, bin-x86_64-efi/50.o',
    'x64: step 100, bin-x86_64-efi/100.o',
  ]);
  expect(log.tail().split('\n')).toHaveLength(15);
  expect(log.tail()).toMatch(/^ {2}\[BUILD\] bin-x86_64-efi\/107\.o\n[^]*\na warning$/);
  const text = await readFile(join(folder, 'logs', 'x64.log'), 'utf8');
  expect(text.split('\n')).toHaveLength(122);
});
