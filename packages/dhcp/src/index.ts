export { decode, type Malformed, type MalformedReason } from './wire/decode.ts';
export { describe } from './wire/describe.ts';
export { encode, type Encoded } from './wire/encode.ts';
export { clientKey, macOf, messageType, type Message } from './wire/message.ts';
export { option, Options, type OptionBytes } from './wire/option-set.ts';
export {
  MESSAGE_TYPES,
  OPTIONS,
  optionOf,
  type MessageTypeName,
  type NamedOption,
  type Option,
  type OptionName,
} from './wire/options.ts';
export type { ClientName, EnterpriseData, RelayAgent, Route, SubOption } from './wire/structures.ts';
export { printable } from './wire/text.ts';
export type { Codec } from './wire/values.ts';
export { configurableNames, configuredOption, type Configured } from './rules/configured.ts';
export {
  BOOT_SERVER_PORT,
  openBootServer,
  type BootServer,
  type BootServerAnswer,
  type BootServerOptions,
} from './boot-server.ts';
export {
  respondAsBootServer,
  type BootServerOutcome,
  type BootServerReply,
  type BootServerWhy,
} from './rules/boot-server.ts';
export { respondAsProxy, type ProxyFacts, type ProxyOutcome, type ProxyWhy } from './rules/proxy.ts';
export { openDhcpWatch, type DhcpWatchOptions, type SeenReply } from './watch.ts';
export { sizeLimit } from './rules/content.ts';
export type { Destination } from './rules/destination.ts';
export type { Binding, BootFields, Change, ExtraOption, Facts, Menu, Network } from './rules/facts.ts';
export { safeHostName } from './rules/host-name.ts';
export { intentOf, type AnswerableIntent, type Arrival, type IgnoredReason, type Intent } from './rules/intent.ts';
export { linkOf, serverOverride, type Link } from './rules/link.ts';
export { respond, type Asked, type NakReason, type Outcome, type Reply, type Why } from './rules/respond.ts';
export type { DhcpLimits } from './limits.ts';
export {
  openDhcpServer,
  type Answer,
  type DhcpEvent,
  type DhcpRequest,
  type DhcpServer,
  type DhcpServerOptions,
  type SentReply,
  type ServerWhy,
} from './server.ts';
export { adoptDhcpSocket, DhcpSocketError, type ServedInterface } from './sockets.ts';
