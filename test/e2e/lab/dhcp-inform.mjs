// Asks for settings with DHCPINFORM, as a host with an address of its own: arguments are that address,
// the MAC, and where to ask.
// Prints the answer as JSON: yiaddr and the options, in hex. The message is laid out by hand (RFC 2131 section 2).
import { createSocket } from 'node:dgram';

const [address = '', mac = '', server = ''] = process.argv.slice(2);
const request = Buffer.alloc(300);
request.set([1, 1, 6, 0]);
request.writeUInt32BE(0x1f0f1f0f, 4);
request.set(address.split('.').map(Number), 12);
request.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 28);
request.set([99, 130, 83, 99, 53, 1, 8, 55, 3, 1, 3, 6, 255], 236);

const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (reply) => {
  const options = {};
  for (let at = 240; reply[at] !== 255 && at < reply.length; at += reply[at] === 0 ? 1 : 2 + reply[at + 1]) {
    if (reply[at] !== 0) options[reply[at]] = reply.subarray(at + 2, at + 2 + reply[at + 1]).toString('hex');
  }
  console.log(JSON.stringify({ yiaddr: [...reply.subarray(16, 20)].join('.'), options }));
  socket.close();
});
socket.bind(68, () => {
  socket.setBroadcast(true);
  socket.send(request, 67, server);
});
setTimeout(() => process.exit(1), 10_000).unref();
