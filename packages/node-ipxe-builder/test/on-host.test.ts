import { tmpdir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { onHost } from '../src/on-host.ts';
import { withShell } from '../src/shell.ts';

afterEach(() => vi.unstubAllEnvs());

test('a variable of the environment that make would take for its own does not reach it', async () => {
  for (const name of ['CERT', 'KEY', 'CONFIG', 'DEBUG', 'CROSS', 'MAKEFILES']) vi.stubEnv(name, 'stray');
  const { signal } = new AbortController();
  const tools = await onHost.find({ tools: [], files: [] }, { cache: tmpdir(), progress: () => undefined, signal });
  const lines: string[] = [];
  const place = { room: 'work', folder: '', env: { TZ: 'UTC' }, onLine: (line: string) => lines.push(line) } as const;
  await withShell(tools, { tree: tmpdir(), work: tmpdir() }, signal, (shell) =>
    shell.run({ command: 'env', args: [] }, place),
  );
  expect(lines).toContain(`PATH=${process.env.PATH ?? ''}`);
  expect(lines).toContain('TZ=UTC');
  expect(lines.filter((line) => line.includes('stray'))).toEqual([]);
});
