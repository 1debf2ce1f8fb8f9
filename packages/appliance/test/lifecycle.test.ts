import { expect, test } from 'vitest';
import { createGroup, createLifecycle } from '../src/lifecycle.ts';

/** A thing that writes down when it was closed, and with how much time left. */
function recorder(closed: string[]) {
  return (name: string, fault?: string) => ({
    close: (ms: number) => {
      closed.push(`${name} ${ms}`);
      if (fault !== undefined) throw new Error(fault);
    },
  });
}

test('closes in reverse order, all of them with what is left of the time', async () => {
  const closed: string[] = [];
  let now = 0;
  const lifecycle = createLifecycle(
    () => expect.fail('no fault expected'),
    () => now,
  );
  const thing = recorder(closed);
  lifecycle.own(thing('first'));
  lifecycle.own({
    close: (ms) => {
      closed.push(`slow ${ms}`);
      now += 3000;
    },
  });
  await lifecycle.close(10_000);
  expect(closed).toEqual(['slow 10000', 'first 7000']);
});

test('one failing close does not keep the others open', async () => {
  const closed: string[] = [];
  const faults: unknown[] = [];
  const lifecycle = createLifecycle(
    (error) => faults.push(error),
    () => 0,
  );
  const thing = recorder(closed);
  lifecycle.own(thing('a'));
  const group = lifecycle.own(createGroup());
  group.own(thing('b', 'broken'));
  group.own(thing('c'));
  await lifecycle.close(5);
  expect(closed).toEqual(['b 5', 'c 5', 'a 5']);
  expect(faults).toMatchObject([{ message: 'broken' }]);
});

test('a second close waits for the first and closes nothing twice', async () => {
  const closed: string[] = [];
  const lifecycle = createLifecycle(
    () => undefined,
    () => 0,
  );
  lifecycle.own(recorder(closed)('only'));
  await Promise.all([lifecycle.close(1), lifecycle.close(1)]);
  expect(closed).toEqual(['only 1']);
});
