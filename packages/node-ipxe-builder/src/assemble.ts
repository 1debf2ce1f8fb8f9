import { assemblyOf, putTogether, type Binaries } from './assembly.ts';
import { BuildError } from './command.ts';
import { digest, digestOf } from './digest.ts';
import type { Driver } from './driver.ts';
import { findIpxe } from './ipxe-package.ts';
import { onHost } from './on-host.ts';
import { withShell } from './shell.ts';
import { assemblyNeeds } from './tools.ts';

/** The driver without a compiler: prebuilt iPXE of the distribution, and on a medium the script beside it. */
export const assemble: Driver = {
  name: 'assemble',
  async prepare(recipe, workshop) {
    const { signal } = workshop;
    if (recipe.ca !== undefined)
      throw new BuildError('only an iPXE that is compiled here can trust a CA of yours: drivers docker and host');
    if (recipe.output === 'loaders' && recipe.script !== undefined)
      throw new BuildError('prebuilt loaders take no script along: only the drivers docker and host can embed one');
    const tools = await onHost.find(assemblyNeeds(recipe), workshop);
    const { source, binaries } = await findIpxe(recipe, workshop);
    const plan = await assemblyOf(recipe, 'beside', binaries);
    return {
      inputs: {
        source,
        make: [],
        files: { ...tools.files, ...(await digestsOf(binaries)) },
        tools: tools.versions,
        plan: digest(JSON.stringify(plan ?? 'copy')),
      },
      build: (work, into) =>
        withShell(tools, { tree: work, work }, signal, (shell) =>
          putTogether(plan, recipe, binaries, shell, work, into),
        ),
    };
  },
};

async function digestsOf(binaries: Binaries): Promise<Readonly<Record<string, string>>> {
  const digests = [...binaries].map(async ([name, path]) => [name, await digestOf(path)] as const);
  return Object.fromEntries(await Promise.all(digests));
}
