import { parseMac } from '@sower/net';
import { expect, test } from 'vitest';
import { createTrails } from '../src/trail.ts';

const mac = parseMac('52:54:00:aa:bb:01') ?? expect.fail('a MAC');

test('B-21 the third loader without a script within two minutes is a loop', () => {
  let now = 0;
  const trails = createTrails(() => now);
  expect(trails.loaderFetched(mac)).toBe('fine');
  now += 60_000;
  expect(trails.loaderFetched(mac)).toBe('fine');
  now += 59_000;
  expect(trails.loaderFetched(mac)).toBe('loop');
});

test('B-21 a script ends the count, and so do two minutes', () => {
  let now = 0;
  const trails = createTrails(() => now);
  trails.loaderFetched(mac);
  expect(trails.loaderFetches(mac)).toBe(1);
  trails.scriptFetched(mac);
  expect(trails.loaderFetches(mac)).toBe(0);
  trails.loaderFetched(mac);
  now += 120_000;
  expect(trails.loaderFetches(mac)).toBe(0);
});

test('A-38 the oldest trail goes when there are too many', () => {
  const trails = createTrails(() => 0);
  trails.loaderFetched(mac);
  for (let index = 0; index < 10_000; index += 1) {
    trails.loaderFetched(parseMac(index.toString(16).padStart(12, '0')) ?? expect.fail('a MAC'));
  }
  expect(trails.loaderFetches(mac)).toBe(0);
});
