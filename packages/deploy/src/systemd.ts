/** What differs between two hosts that run sower under systemd. */
export interface SystemdSite {
  /** Absolute path of Node.js. */
  readonly node: string;
  /** Absolute path of `packages/cli/bin/sower.js`. */
  readonly program: string;
  /** Absolute path of the data file. */
  readonly dataFile: string;
  /** The interfaces that DHCP answers on; none leaves DHCP without a socket unit. */
  readonly interfaces: readonly string[];
}

/** A file below /etc/systemd/system or /etc/sysusers.d. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** The receive buffer of each socket: what arrives while the process is busy waits here (N-13). */
const RECEIVE_BUFFER = 'ReceiveBuffer=4M';

/** Directives that take from the service what it does not use. MemoryDenyWriteExecute= is not among them: V8 compiles while it runs. */
const HARDENING = [
  '# The sockets below 1024 are handed over, so there is no capability to keep.',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'NoNewPrivileges=yes',
  'UMask=0077',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'PrivateUsers=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'RemoveIPC=yes',
  'LockPersonality=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  '# Netlink is how Node.js lists interfaces; the Unix family is the control socket and the messages to systemd.',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
];

/** The user that the service runs as, for systemd-sysusers. */
export const SYSUSERS: UnitFile = {
  name: 'sower.conf',
  text: 'u sower - "sower netboot appliance" /var/lib/sower\n',
};

/** A socket unit for TFTP, one for each interface of DHCP (N-06), and the service, which so needs no capability. */
export function systemdUnits(site: SystemdSite): readonly UnitFile[] {
  return [tftpSocket(), ...site.interfaces.map(dhcpSocket), service(site)];
}

function service({ node, program, dataFile }: SystemdSite): UnitFile {
  const command = [node, program, 'serve', '--data', dataFile, '--json'].map(quoted).join(' ');
  return file('sower.service', {
    Unit: [
      'Description=sower netboot appliance (DHCP, TFTP, HTTP)',
      'Wants=network-online.target',
      'After=network-online.target',
    ],
    Service: [
      'Type=notify',
      'WatchdogSec=30',
      `ExecStart=${command}`,
      'User=sower',
      'Group=sower',
      'Environment=SOWER_STATE=/var/lib/sower',
      'StateDirectory=sower',
      'StateDirectoryMode=0700',
      'Restart=on-failure',
      'RestartSec=2',
      '# A stop lets transfers finish for eight seconds, then cuts them.',
      'TimeoutStopSec=15',
      ...HARDENING,
    ],
    Install: ['WantedBy=multi-user.target'],
  });
}

function tftpSocket(): UnitFile {
  return file('sower-tftp.socket', {
    Unit: ['Description=TFTP socket of sower'],
    Socket: ['ListenDatagram=0.0.0.0:69', 'FileDescriptorName=tftp', 'Service=sower.service', RECEIVE_BUFFER],
    Install: ['WantedBy=sockets.target'],
  });
}

/** A unit an interface, and no template: BindToDevice= takes no specifiers. */
function dhcpSocket(name: string): UnitFile {
  const device = `sys-subsystem-net-devices-${escaped(name)}.device`;
  return file(`sower-dhcp-${escaped(name)}.socket`, {
    Unit: [`Description=DHCP socket of sower on ${name}`, `BindsTo=${device}`, `After=${device}`],
    Socket: [
      'ListenDatagram=0.0.0.0:67',
      `BindToDevice=${name}`,
      'Broadcast=yes',
      `FileDescriptorName=dhcp-${name}`,
      'Service=sower.service',
      RECEIVE_BUFFER,
    ],
    Install: [`WantedBy=sockets.target ${device}`],
  });
}

function file(name: string, sections: Readonly<Record<string, readonly string[]>>): UnitFile {
  const parts = Object.entries(sections).map(([title, lines]) => [`[${title}]`, ...lines, ''].join('\n'));
  return { name, text: parts.join('\n') };
}

/** A name as a part of a unit's name: systemd.unit(5), "String escaping for inclusion in unit names". */
function escaped(name: string): string {
  return name.replaceAll(/^\.|[^\w:.]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A word of ExecStart=: a specifier's % doubled, a variable's $ doubled, quoted where it has anything else than plain characters (systemd.service(5)). */
function quoted(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w/.%$:@+=-]+$/.test(literal) ? literal : `"${literal.replaceAll(/["\\]/g, (char) => `\\${char}`)}"`;
}
