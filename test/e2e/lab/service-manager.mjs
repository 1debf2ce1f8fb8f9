// Starts a service as systemd does: opens the sockets of its socket units, hands them over by number and name, and becomes the
// command of ExecStart=, without a capability. systemd itself cannot run here: it wants to be the first process.
//   service-manager.mjs FOLDER NOTIFY_SOCKET WATCHDOG_USEC
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceSocket } from '@sower/net';

const [folder, notify, watchdog] = process.argv.slice(2);

/** The keys of a unit; the last of a repeated one counts, which is enough here. */
const unit = (name) =>
  Object.fromEntries(
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

const sockets = readdirSync(folder)
  .filter((name) => name.endsWith('.socket'))
  .map(unit)
  .filter(({ Service }) => Service === 'sower.service');

const open = async ({ ListenDatagram, BindToDevice }) => {
  const [address, port] = ListenDatagram.split(':');
  if (BindToDevice !== undefined) return deviceSocket(BindToDevice, Number(port), false);
  const socket = createSocket('udp4').bind(Number(port), address);
  await once(socket, 'listening');
  // Nothing is to be read here: what arrives is for the service.
  socket._handle.recvStop();
  return socket._handle.fd;
};
const descriptors = await Promise.all(sockets.map(open));

const { ExecStart } = unit('sower.service');
const powerless = 'setpriv --bounding-set=-all --inh-caps=-all --no-new-privs --';
// The shell's process id stays through each exec, and is the service's: as LISTEN_PID and WATCHDOG_PID want it.
const line = `LISTEN_PID=$$ WATCHDOG_PID=$$ exec ${powerless} ${ExecStart}`;
const service = spawn('sh', ['-c', line], {
  stdio: ['ignore', 'inherit', 'inherit', ...descriptors],
  env: {
    ...process.env,
    LISTEN_FDS: String(descriptors.length),
    LISTEN_FDNAMES: sockets.map(({ FileDescriptorName }) => FileDescriptorName).join(':'),
    NOTIFY_SOCKET: notify,
    WATCHDOG_USEC: watchdog,
  },
});
console.log(`service ${service.pid}`);
process.on('SIGTERM', () => service.kill('SIGTERM'));
const [code, signal] = await once(service, 'exit');
console.log(`service ended ${code ?? signal}`);
process.exit(0);
