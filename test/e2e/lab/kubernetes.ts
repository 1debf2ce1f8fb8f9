import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { run } from './command.ts';
import { programOfDebian } from './debian.ts';

/** One object of a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** What `kubectl kustomize` makes of a folder of deploy/kubernetes. */
export async function render(repository: string, folder: string): Promise<readonly Manifest[]> {
  const kubectl = await programOfDebian(repository, 'kubectl');
  return loadAll(await run(kubectl, 'kustomize', join(repository, 'deploy/kubernetes', folder))) as Manifest[];
}

/** The one object of a kind, by its name in the API. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`not exactly one ${kind}`);
  return found;
}

/** The pod of the only deployment. */
export function podOf(manifests: readonly Manifest[]): PodSpec {
  const { spec } = only(manifests, 'Deployment') as Deployment;
  if (spec?.template.spec === undefined) throw new Error('a deployment without a pod');
  return spec.template.spec;
}

/**
 * Checks manifests against the schemas of the Kubernetes API, as TypeScript's compiler knows them by the package
 * kubernetes-types: types, required keys, and keys that there are not. Gives its complaints; empty: none.
 */
export async function complaintsAbout(
  repository: string,
  folder: string,
  manifests: readonly Manifest[],
): Promise<string> {
  const lines = manifests.map((manifest, index) => {
    const [group, version] = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/') : ['core', 'v1'];
    const module = `kubernetes-types/${group?.replace(/\..*/, '')}/${version}.d.ts`;
    const text = JSON.stringify(manifest, undefined, 1);
    return `import type { ${manifest.kind} as K${index} } from '${module}';\nexport const m${index}: K${index} = ${text};\n`;
  });
  const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', types: [], skipLibCheck: true };
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(folder, 'manifests.ts'), lines.join('\n'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['manifests.ts'] }));
  const tsc = join(repository, 'node_modules/.bin/tsc');
  return run('sh', '-c', '"$0" -p "$1" --pretty false || true', tsc, folder);
}
