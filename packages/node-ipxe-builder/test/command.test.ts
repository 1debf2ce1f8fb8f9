import { describe, expect, test } from 'vitest';
import { BuildError } from '../src/index.ts';
import { run, versionOf } from '../src/command.ts';

const signal = new AbortController().signal;
const node = (program: string, around = signal) => run(process.execPath, ['-e', program], { signal: around });

describe('run', () => {
  test('gives the standard output, and sets the environment', async () => {
    const words = ['-e', 'console.error("noise"); console.log(process.env.COLOUR)'];
    expect(await run(process.execPath, words, { signal, env: { COLOUR: 'red' } })).toBe('red\n');
  });

  test('a command that fails: the end of what it said', async () => {
    const failed = node('for (let line = 1; line <= 40; line++) console.error(`line ${line}.`); process.exit(3)');
    await expect(failed).rejects.toThrow(BuildError);
    await expect(failed).rejects.toThrow(/failed: line 26\.\n[^]*line 40\.$/);
  });

  test('a command that does not exist', async () => {
    await expect(run('no-such-program', [], { signal })).rejects.toThrow(
      /no-such-program failed: there is no such program/,
    );
  });

  test('an interruption ends the command and is not taken for its failure', async () => {
    const interruption = new AbortController();
    const reason = new Error('enough');
    const running = node('setInterval(() => {}, 1000)', interruption.signal);
    interruption.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

describe('versionOf', () => {
  test('of a program, as it tells it itself', async () => {
    expect(await versionOf(process.execPath, '--version', signal)).toBe(process.versions.node);
  });

  test('of none', async () => {
    expect(await versionOf('no-such-program', '--version', signal)).toBeUndefined();
  });
});
