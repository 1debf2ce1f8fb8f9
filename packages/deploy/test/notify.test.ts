import { describe, expect, test } from 'vitest';
import { notifySocket, watchdogInterval } from '../src/notify.ts';

describe('where systemd listens', () => {
  test.each([
    [{}, undefined],
    [{ NOTIFY_SOCKET: '' }, undefined],
    [{ NOTIFY_SOCKET: '/run/systemd/notify' }, '/run/systemd/notify'],
    [{ NOTIFY_SOCKET: '@abstract' }, '@abstract'],
  ])('%j: %s', (environment, socket) => expect(notifySocket(environment)).toBe(socket));
});

describe('how often it wants a sign of life, in ms', () => {
  test.each([
    [{}, undefined],
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '17' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '18' }, undefined],
    [{ WATCHDOG_USEC: '1' }, 1],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
  ])('%j: %s', (environment, interval) => expect(watchdogInterval(environment, 17)).toBe(interval));
});
