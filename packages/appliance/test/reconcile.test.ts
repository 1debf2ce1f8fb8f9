import { expect, test } from 'vitest';
import { createReconciler } from '../src/reconcile.ts';

/** A set of names that can be opened, and what is open of it. */
function world() {
  const wanted = new Set<string>();
  const broken = new Set<string>();
  const open = new Set<string>();
  const errors: string[] = [];
  const reconciler = createReconciler(
    () =>
      new Map(
        [...wanted].map((key) => [
          key,
          async () => {
            if (broken.has(key)) throw new Error(`${key} is broken`);
            open.add(key);
            return { close: () => void open.delete(key) };
          },
        ]),
      ),
    (key) => errors.push(key),
  );
  return { wanted, broken, open, errors, reconciler };
}

test('N-12 follows what comes and goes', async () => {
  const { wanted, open, reconciler } = world();
  wanted.add('eth1 10.0.0.1');
  await reconciler.tick();
  expect([...open]).toEqual(['eth1 10.0.0.1']);
  wanted.clear();
  wanted.add('eth1 10.0.0.2');
  await reconciler.tick();
  expect([...open]).toEqual(['eth1 10.0.0.2']);
  await reconciler.close(0);
  expect([...open]).toEqual([]);
});

test('the first tick rejects, and close leaves nothing open', async () => {
  const { wanted, broken, open, reconciler } = world();
  wanted.add('a').add('b');
  broken.add('b');
  await expect(reconciler.tick()).rejects.toThrow('b is broken');
  await reconciler.close(0);
  expect([...open]).toEqual([]);
});

test('later ticks report and try again', async () => {
  const { wanted, broken, open, errors, reconciler } = world();
  await reconciler.tick();
  wanted.add('a');
  broken.add('a');
  await reconciler.tick();
  expect(errors).toEqual(['a']);
  broken.clear();
  await reconciler.tick();
  expect([...open]).toEqual(['a']);
  await reconciler.close(0);
});

test('nothing is opened after close', async () => {
  const { wanted, open, reconciler } = world();
  await reconciler.tick();
  wanted.add('a');
  await reconciler.close(0);
  await reconciler.tick();
  expect([...open]).toEqual([]);
});
