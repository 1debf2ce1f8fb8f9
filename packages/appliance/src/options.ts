import { type Client, type DhcpOption, type DhcpSettings, type Machine, type SubnetSettings } from '@sower/machines';

const NONE: readonly DhcpOption[] = [];

/** The options that a client is told besides its network's settings: its own before its architecture's, subnet's, everybody's. */
export function extrasFor(
  dhcp: DhcpSettings | undefined,
  subnet: SubnetSettings,
  { arch }: Client,
  machine: Machine | undefined,
): readonly DhcpOption[] {
  const byArchitecture = arch?.loaders === undefined ? NONE : (dhcp?.architectures[arch.loaders] ?? NONE);
  const levels = [dhcp?.options ?? NONE, subnet.options, byArchitecture, machine?.options ?? NONE];
  if (levels.every(({ length }) => length === 0)) return NONE;
  return [...new Map(levels.flat().map((option) => [option.code, option])).values()];
}
