import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { assemblyOf, putTogether, type Binaries } from './assembly.ts';
import { BuildError } from './command.ts';
import { digest } from './digest.ts';
import type { Driver, Workshop } from './driver.ts';
import { EMBEDDED, planMake, SOURCES, witnessesOf, type Embedded } from './make.ts';
import { createLog } from './make-log.ts';
import { binariesOf, nameIn, PRODUCTS } from './outputs.ts';
import { environmentAt, planAssembly, type Step } from './plan.ts';
import type { Recipe } from './recipe.ts';
import { withShell, type Shell, type Toolchain } from './shell.ts';
import { openSource } from './source.ts';
import type { Platform } from './targets.ts';
import { compilingNeeds } from './tools.ts';
import { inTree } from './tree.ts';

/** The driver that compiles the iPXE of `source` (`DIR`, `TARBALL` or `GIT-URL[#REF]`), with the script and the CA in it. */
export function compiling(toolchain: Toolchain, source: string): Driver {
  return {
    name: toolchain.name,
    async prepare(recipe, workshop) {
      const { facts, copyTo } = await openSource(source, workshop);
      const tools = await toolchain.find(compilingNeeds(recipe, process.arch), workshop);
      const embedded = { script: hashOf(recipe.script), ca: hashOf(recipe.ca) };
      const makes = planMake(recipe, embedded, process.arch);
      // with another of these, make must start anew; cross compilers have the version of the distribution's own one
      const tree = digest(JSON.stringify([facts, toolchain.name, tools.versions.gcc, recipe.epoch, embedded.ca]));
      return {
        inputs: {
          source: facts,
          make: [...makes.values()].map(({ command, args }) => [command, ...args].join(' ')),
          tools: tools.versions,
          files: tools.files,
          plan: digest(JSON.stringify(planAssembly({ ...recipe, script: 'embedded', espContent: 0 }))),
        },
        build: (work, into) =>
          inTree(tree, copyTo, workshop, (folder) =>
            withShell(tools, { tree: folder, work }, workshop.signal, async (shell) => {
              await embed(folder, recipe, embedded);
              const log = join(workshop.cache, 'logs', tree.slice(0, 12));
              for (const [platform, step] of makes) {
                await make(platform, step, recipe, shell, `${log}-${platform}.log`, workshop);
                await expectScript(platform, recipe, folder);
              }
              const binaries = binariesIn(folder, recipe);
              const plan = await assemblyOf(recipe, 'embedded', binaries);
              await putTogether(plan, recipe, binaries, shell, work, into);
            }),
          ),
      };
    },
  };
}

function hashOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : digest(bytes);
}

/** Written anew each time: a script that comes back is then newer than what was linked with the one in between. */
async function embed(tree: string, { script, ca }: Recipe, hashes: Embedded): Promise<void> {
  const put = async (name: string, bytes: Uint8Array) => {
    await mkdir(dirname(join(tree, name)), { recursive: true });
    await writeFile(join(tree, name), bytes);
  };
  if (script !== undefined && hashes.script !== undefined) await put(EMBEDDED.script(hashes.script), script);
  if (ca !== undefined && hashes.ca !== undefined) await put(EMBEDDED.ca(hashes.ca), ca);
}

async function make(
  platform: Platform,
  step: Step,
  { epoch }: Recipe,
  shell: Shell,
  file: string,
  { progress }: Workshop,
): Promise<void> {
  const log = createLog(platform, file, progress);
  const env = { ...environmentAt(epoch), MAKEFLAGS: `-j${availableParallelism()}` };
  const code = await shell.run(step, { room: 'tree', folder: SOURCES, env, onLine: log.onLine });
  await log.save();
  if (code !== 0) throw new BuildError(`make failed for ${platform}, and ended so:\n${log.tail()}\nall of it: ${file}`);
}

/** BIOS binaries are compressed, and there the object shows it that goes into them. */
async function expectScript(platform: Platform, recipe: Recipe, tree: string): Promise<void> {
  if (recipe.script === undefined) return;
  for (const name of witnessesOf(platform, recipe)) {
    const bytes = await readFile(join(tree, SOURCES, name)).catch(() => Buffer.of());
    if (!bytes.includes(Buffer.from(recipe.script)))
      throw new BuildError(`make said it succeeded, but the script is not in ${name}`);
  }
}

function binariesIn(tree: string, { output, platforms }: Recipe): Binaries {
  const product = PRODUCTS[output];
  return new Map(
    platforms.flatMap((platform) =>
      binariesOf(product, platform).map(
        (binary) => [nameIn(product, platform, binary), join(tree, SOURCES, binary.target)] as const,
      ),
    ),
  );
}
