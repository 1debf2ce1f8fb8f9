import type { PodSpec } from 'kubernetes-types/core/v1.d.ts';

/**
 * `docker run` as the kubelet would start the only container of a pod: command, arguments, environment, mounts and security context.
 * `volumes` are the host folders of its volumes, by their names.
 */
export function dockerArguments(pod: PodSpec, volumes: Readonly<Record<string, string>>): readonly string[] {
  const { containers, securityContext: user } = pod;
  const [container] = containers;
  if (container === undefined) throw new Error('a pod without a container');
  const { command = [], args = [], env = [], volumeMounts = [], securityContext, image = '' } = container;
  const [program, ...words] = command;
  return [
    `--network=${pod.hostNetwork === true ? 'host' : 'none'}`,
    `--user=${user?.runAsUser}:${user?.runAsGroup}`,
    ...(user?.fsGroup === undefined ? [] : [`--group-add=${user.fsGroup}`]),
    ...(securityContext?.readOnlyRootFilesystem === true ? ['--read-only'] : []),
    ...(securityContext?.allowPrivilegeEscalation === false ? ['--security-opt=no-new-privileges'] : []),
    ...(securityContext?.capabilities?.drop ?? []).map((name) => `--cap-drop=${name}`),
    ...(securityContext?.capabilities?.add ?? []).map((name) => `--cap-add=${name}`),
    ...env.map(({ name, value = '' }) => `--env=${name}=${value}`),
    ...volumeMounts.map(({ name, mountPath, readOnly }) => {
      const folder = volumes[name];
      if (folder === undefined) throw new Error(`no folder for the volume ${name}`);
      return `--volume=${folder}:${mountPath}${readOnly === true ? ':ro' : ''}`;
    }),
    ...(program === undefined ? [] : [`--entrypoint=${program}`]),
    image,
    ...words,
    ...args,
  ];
}
