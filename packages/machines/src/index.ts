export type { ParseOptions } from './appliance.ts';
export { ARCHS, archOf, type Arch } from './arch.ts';
export { artifactCandidates, type ArtifactCandidates, type ArtifactKind } from './artifacts.ts';
export { next, type Boot, type Next, type NothingWhy, type Progress } from './boot.ts';
export { clientOf, type BootOptions, type Client, type ClientClass } from './client.ts';
export { maskedConfig, plainConfig, renderConfig, type Config, type Plain } from './config.ts';
export type { DhcpOption, OptionTable } from './dhcp-options.ts';
export { describeMachine, type MachineView } from './describe.ts';
export type {
  ApplianceSettings,
  ArtifactTemplate,
  DhcpSettings,
  Inventory,
  LimitSettings,
  LoaderSettings,
  HarvesterMachine,
  Machine,
  MachineNetwork,
  ProfiledMachine,
  SubnetSettings,
} from './inventory.ts';
export { artifactUrl, configUrl, scriptUrl } from './links.ts';
export { findingsOf, shared, stopReason, type Finding, type SharedFinding } from './lint/finding.ts';
export { RULES } from './lint/lint.ts';
export { PROFILE_RULES } from './lint/profile-rules.ts';
export { spot, type Spot } from './lint/subject.ts';
export { installOf } from './profiles/install.ts';
export type { Candidates, Document, FileUrls, Install } from './profiles/profile.ts';
export { loadInventory, type Loaded } from './load.ts';
export { parseInventory, type Parsed } from './parse.ts';
export { type Place, type Problem } from './problems.ts';
export { chainScript, discoverScript, localBootScript, machineScript, waitScript } from './script.ts';
export { BEHAVIOURS, QUIRKS, type Behaviour, type Quirk, type QuirkMatch } from './quirks.ts';
export { compareVersions, eraOf, formatVersion, parseVersion, type Era, type Version } from './version.ts';
export { watchInventory, type InventoryWatch, type WatchOptions } from './watch.ts';
