import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInventory } from '@sower/machines';
import { load, loadAll } from 'js-yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { programOfDebian } from './lab/debian.ts';
import { complaintsAbout, only, podOf, render, type Manifest } from './lab/kubernetes.ts';
import { sowerCommand } from './lab/sower.ts';

const OVERLAYS = ['http-only', 'full'] as const;
const FOLDER = join(REPOSITORY, '.cache', 'lab', 'kubernetes');

/** What the profile "restricted" of the Pod Security Standards wants of a pod with one container. */
const RESTRICTED = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};

describe.skipIf(SKIP)(`deploy/kubernetes${NOTE}`, () => {
  const rendered = new Map<string, readonly Manifest[]>();
  const manifests = (overlay: string): readonly Manifest[] => rendered.get(overlay) ?? [];

  beforeAll(async () => {
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    for (const overlay of OVERLAYS) rendered.set(overlay, await render(REPOSITORY, `overlays/${overlay}`));
  }, 60_000);

  test('every object is as the schemas of the API have it, and a key that there is not would be found', async () => {
    const all = OVERLAYS.flatMap(manifests);
    expect(await complaintsAbout(REPOSITORY, FOLDER, all)).toBe('');
    const spec = { replicaCount: 1, selector: {}, template: {} };
    const wrong = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'wrong' }, spec };
    expect(await complaintsAbout(REPOSITORY, FOLDER, [wrong])).toMatch(/replicaCount.* does not exist/);
  });

  test.each([
    [
      'http-only',
      ['ConfigMap', 'Deployment', 'Ingress', 'Namespace', 'NetworkPolicy', 'PersistentVolumeClaim', 'Service'],
    ],
    ['full', ['ConfigMap', 'Deployment', 'Namespace', 'PersistentVolumeClaim', 'PersistentVolumeClaim']],
  ])('%s: the objects, all in one namespace', (overlay, kinds) => {
    expect(
      manifests(overlay)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(kinds);
    const inside = manifests(overlay).filter(({ kind }) => kind !== 'Namespace');
    expect(inside.map(({ metadata }) => metadata.namespace)).toEqual(inside.map(() => 'sower'));
  });

  test.each(OVERLAYS)('%s: its data.yaml has neither errors nor warnings', (overlay) => {
    const text = only(manifests(overlay), 'ConfigMap').data?.['data.yaml'] ?? '';
    expect(parseInventory(text, overlay).problems).toEqual([]);
  });

  test.each(OVERLAYS)(
    '%s: the pod writes to its state alone, is probed, limited, and has a volume for each mount',
    (overlay) => {
      const {
        volumes = [],
        containers: [container, ...more],
      } = podOf(manifests(overlay));
      expect(more).toEqual([]);
      expect(container?.securityContext?.readOnlyRootFilesystem).toBe(true);
      expect(container?.resources?.limits).toHaveProperty('memory');
      for (const probe of [container?.startupProbe, container?.readinessProbe, container?.livenessProbe])
        expect(probe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
      const mounts = container?.volumeMounts ?? [];
      expect(mounts.map(({ name }) => name).toSorted()).toEqual(volumes.map(({ name }) => name).toSorted());
      expect(mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath)).toEqual([
        '/var/lib/sower',
      ]);
    },
  );

  test('the image is the one that this version builds, as in docker/compose.yaml', async () => {
    const read = (name: string) => readFile(join(REPOSITORY, name), 'utf8');
    const { version } = JSON.parse(await read('packages/cli/package.json')) as { readonly version: string };
    const images = OVERLAYS.map((overlay) => podOf(manifests(overlay)).containers[0]?.image);
    expect(images).toEqual(OVERLAYS.map(() => `sower:${version}`));
    expect(load(await read('docker/compose.yaml'))).toMatchObject({
      services: { sower: { image: `sower:${version}` } },
    });
  });

  test('http-only: nothing that "restricted" forbids, and everything leads to the pod', () => {
    const all = manifests('http-only');
    const pod = podOf(all);
    expect(pod).toMatchObject(RESTRICTED);
    expect(pod.hostNetwork).toBeUndefined();
    expect(only(all, 'Namespace')).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const labels = { app: 'sower' };
    expect(only(all, 'Deployment')).toMatchObject({
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
    });
    expect(only(all, 'Service')).toMatchObject({
      spec: { selector: labels, ports: [{ port: 10_000, targetPort: 'http' }] },
    });
    expect(only(all, 'NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: labels } } });
    const backend = { service: { name: 'sower', port: { number: 10_000 } } };
    expect(only(all, 'Ingress')).toMatchObject({ spec: { rules: [{ http: { paths: [{ path: '/', backend }] } }] } });
    const { appliance } = parseInventory(only(all, 'ConfigMap').data?.['data.yaml'] ?? '', 'data.yaml').inventory ?? {};
    expect(appliance?.http).toMatchObject({ url: 'http://localhost', proxies: [{ prefix: 16 }] });
  });

  test('full: on the network of a labelled node, by the entry point that may open low ports, with that right and no other', () => {
    const pod = podOf(manifests('full'));
    expect(pod).toMatchObject({ hostNetwork: true, nodeSelector: { 'sower/boot-vlan': 'true' } });
    expect(pod.securityContext).toMatchObject(RESTRICTED.securityContext);
    expect(pod.containers[0]?.command).toBeUndefined();
    expect(pod.containers[0]?.securityContext?.capabilities).toEqual({ drop: ['ALL'], add: ['NET_BIND_SERVICE'] });
  });

  test('the walk-through without Kustomize makes the same ConfigMap', async () => {
    const page = await readFile(join(REPOSITORY, 'docs/kubernetes.md'), 'utf8');
    const command = /^kubectl (create configmap .*)$/m.exec(page)?.[1] ?? '';
    const kubectl = await programOfDebian(REPOSITORY, 'kubectl');
    const here = join(REPOSITORY, 'deploy/kubernetes/overlays/http-only');
    const text = await run('sh', '-c', `cd "$1" && "$0" ${command} --dry-run=client -o yaml`, kubectl, here);
    expect(load(text)).toMatchObject({ ...only(manifests('http-only'), 'ConfigMap') });
  });

  test('the walk-through: every file that it names is there, and the cluster has the ports that it ends with', async () => {
    const here = join(REPOSITORY, 'deploy/kubernetes/overlays/http-only');
    const page = await readFile(join(REPOSITORY, 'docs/kubernetes.md'), 'utf8');
    const [, walk = ''] = /cd deploy\/kubernetes\/overlays\/http-only\n([^`]*)/.exec(page) ?? [];
    const files = [...walk.matchAll(/(?:-f |=)([\w.-]+\.yaml)$| --config=([\w.-]+)/gm)].map(
      (match) => match[1] ?? match[2],
    );
    expect(files).toEqual(['kind-cluster.yaml', 'data.yaml', 'deployment.yaml', 'sower-nginx-ingress.yaml']);
    for (const file of files) expect(loadAll(await readFile(join(here, file ?? ''), 'utf8'))).not.toEqual([]);
    const cluster = load(await readFile(join(here, 'kind-cluster.yaml'), 'utf8'));
    expect(cluster).toMatchObject({ nodes: [{ extraPortMappings: [{ containerPort: 80, hostPort: 80 }, {}] }] });
  });

  test.each([
    ['overlays/http-only/data.yaml', 1],
    ['overlays/http-only/example_data.yaml', 4],
    ['overlays/full/data.yaml', 1],
  ])('%s: sower check finds no error for its %i machines', async (name, machines) => {
    const file = join(REPOSITORY, 'deploy/kubernetes', name);
    const told = await run(process.execPath, sowerCommand(REPOSITORY), 'check', file);
    expect(told).toContain(`${file}: ${machines} machine(s), no error\n`);
  });
});
