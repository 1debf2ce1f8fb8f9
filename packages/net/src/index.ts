export { ANY, formatIPv4, ipv4, isHostAddress, LIMITED_BROADCAST, parseIPv4, type IPv4 } from './ip.ts';
export { macFromBytes, parseMac, type Mac } from './mac.ts';
export {
  broadcastOf,
  contains,
  formatSubnet,
  inRange,
  isHostOf,
  netmaskOf,
  overlaps,
  parseRange,
  parseSubnet,
  prefixOfNetmask,
  subnetOf,
  type AddressRange,
  type Subnet,
} from './subnet.ts';
export { openDatagrams, type Datagrams, type DatagramsOptions, type Peer, type Where } from './datagrams.ts';
export { sendUnixDatagram } from './unix-datagram.ts';
export { bulkSockets, type BulkOptions, type BulkSocket, type BulkSockets } from './bulk-socket.ts';
export { deviceSocket, NoDeviceSockets } from './device-socket.ts';
export { codeOf } from './system-error.ts';
export { NoSystemCalls } from './system-calls.ts';
export { adoptDatagrams, inheritedSockets, type Adopted, type InheritedSockets } from './inherited.ts';
export { neighbourAt } from './neighbours.ts';
export {
  addressTowards,
  interfaceAddresses,
  isConfigured,
  linkIndex,
  linkMtu,
  type InterfaceAddress,
} from './interfaces.ts';
