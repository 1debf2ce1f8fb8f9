import { connect } from 'node:net';

/**
 * GETs a URL from this local address on a connection of its own, as a machine in its next stage of booting does.
 * Rejects when the answer is not 200 or the connection breaks.
 */
export function fetchText(url: string, from: string): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: from });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      const body = answer.indexOf('\r\n\r\n') + 4;
      if (answer.startsWith('HTTP/1.1 200 ')) resolve(answer.slice(body));
      else reject(new Error(answer.slice(0, 80)));
    });
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  });
}
