import { expect, test } from 'vitest';
import { clientQueue } from '../src/queue.ts';

/** Adds jobs that note when they begin, and gives the notes once all are done. */
async function order(capacity: number, jobs: readonly (readonly [client: string, urgent: boolean])[]) {
  const queue = clientQueue(capacity);
  const begun: string[] = [];
  for (const [client, urgent] of jobs) {
    if (!queue.hasRoom(urgent)) continue;
    queue.add(client, urgent, async () => void begun.push(client));
  }
  await queue.idle();
  return begun;
}

test('G-13 what clients with an address want comes before what came earlier from new ones', async () => {
  const jobs = [
    ['new 1', false],
    ['new 2', false],
    ['old 1', true],
    ['new 3', false],
    ['old 2', true],
  ] as const;
  expect(await order(100, jobs)).toEqual(['old 1', 'old 2', 'new 1', 'new 2', 'new 3']);
});

test('G-13 ten times more than there is room for: every request and no DISCOVER beyond half of the room', async () => {
  const jobs = Array.from({ length: 1000 }, (_, n) => [`client ${n}`, n % 20 === 0] as const);
  const begun = await order(100, jobs);
  const requests = jobs.filter(([, urgent]) => urgent).map(([client]) => client);
  expect(begun.slice(0, requests.length)).toEqual(requests);
  // Of the first 50 that found the lower half free, 3 were requests.
  expect(begun).toHaveLength(requests.length + 50 - 3);
});

test('G-13 a turn of the event loop begins 16 jobs, so that the sockets are read in between', async () => {
  const queue = clientQueue(100);
  let begun = 0;
  for (let n = 0; n < 40; n += 1) {
    queue.add(`client ${n}`, false, async () => {
      begun += 1;
    });
  }
  const seen: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(begun);
  }
  expect(seen).toEqual([16, 32, 40]);
});
