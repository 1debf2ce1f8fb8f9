// Takes the guests' reports: POST /report, each body one line of JSON on standard output.
// A program of its own, because it has to listen inside the namespace. Argument: the port.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const port = Number(process.argv[2]);

createServer((request, response) => void answer(request, response)).listen(port, '0.0.0.0', () => {
  console.log(`listens on ${port}`);
});

async function answer(request, response) {
  const body = await text(request);
  const wanted = request.method === 'POST' && request.url === '/report';
  if (wanted) console.log(body.replaceAll('\n', ' '));
  response.writeHead(wanted ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(wanted ? 'thanks\n' : 'only POST /report\n');
}
