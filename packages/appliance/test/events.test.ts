import { parseMac } from '@sower/net';
import { expect, test } from 'vitest';
import { createNarrator, fault, type BootEvent } from '../src/events.ts';
import { createLog } from '../src/log.ts';
import { collect } from './support/collect.ts';

const mac = parseMac('52:54:00:aa:bb:01') ?? expect.fail('a MAC');

function narrator() {
  const lines: string[] = [];
  let time = 0;
  const log = createLog({ level: 'info', pretty: false, destination: collect(lines) });
  const tell = createNarrator(log, () => time);
  return { lines, tell, pass: (ms: number) => (time += ms) };
}

function event(why: string, fields: BootEvent['fields'] = {}): BootEvent {
  return { step: 'dhcp', why, level: 'info', mac, name: undefined, text: why, fields };
}

test('C-26 what a machine repeats is written once a minute, with the count of what was left out', () => {
  const { lines, tell, pass } = narrator();
  for (let second = 0; second < 120; second += 4) {
    tell(event('unknown-mac'));
    pass(4000);
  }
  expect(lines.map((line) => (JSON.parse(line) as { repeated?: number }).repeated)).toEqual([undefined, 14]);
});

test('a repeat under another policy, or for another missing file, is news', () => {
  const { lines, tell } = narrator();
  for (const policy of ['ignore', 'ignore', 'discover']) tell(event('unknown-mac', { policy }));
  for (const because of ['kernel', 'kernel', 'initrd']) tell(event('missing-artifact', { because }));
  expect(lines).toHaveLength(4);
});

test('a socket that cannot be opened is news once a minute, another one at once', () => {
  const { lines, tell, pass } = narrator();
  for (let second = 0; second < 60; second += 5) {
    for (const address of ['192.0.2.1', '192.0.2.2']) tell(fault('tftp', 'not-listening', `${address} is taken`));
    pass(5000);
  }
  expect(lines).toHaveLength(2);
});

test('G-13 overload is one line, however many machines it turns away', () => {
  const { lines, tell, pass } = narrator();
  const other = parseMac('52:54:00:aa:bb:02') ?? expect.fail('a MAC');
  tell(event('overloaded'));
  tell({ ...event('overloaded'), mac: other });
  pass(60_000);
  tell(event('overloaded'));
  expect(lines.map((line) => (JSON.parse(line) as { repeated?: number }).repeated)).toEqual([undefined, 1]);
});

test('F-D 49 a full disk is not filled further by a line for each retry', () => {
  const { lines, tell } = narrator();
  for (let retry = 0; retry < 10; retry += 1) tell(event('answer-failed'));
  expect(lines).toHaveLength(1);
});

test('what happens once a boot is written every time', () => {
  const { lines, tell } = narrator();
  tell(event('offered'));
  tell(event('offered'));
  expect(lines).toHaveLength(2);
});

test('a field of a secret’s name is never written', () => {
  const { lines, tell } = narrator();
  tell(event('offered', { token: 'abc', password: 'def', authorization: 'Bearer ghi' }));
  expect(lines.join('')).not.toMatch(/abc|def|ghi/);
});

test('a secret is masked however deep it lies', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', pretty: false, destination: collect(lines) });
  log.info({ machines: [{ name: 'node1', config: { token: 'abc' }, os: { password: 'def' } }] }, 'text');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    machines: [{ name: 'node1', config: '***', os: { password: '***' } }],
  });
});

test('on a terminal a line shows who, what and why before the rest', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', pretty: true, destination: collect(lines) });
  createNarrator(log, () => 0)({ ...event('offered', { interface: 'eth1' }), name: 'node1', text: 'offer 192.0.2.31' });
  expect(lines.join('')).toMatch(/dhcp 52:54:00:aa:bb:01 node1: offer 192\.0\.2\.31 \[offered\].*"interface":"eth1"/);
});

test('A-14 a relay without a subnet is news once a minute, however many machines are behind it; another relay at once', () => {
  const { lines, tell } = narrator();
  const other = parseMac('52:54:00:aa:bb:02') ?? expect.fail('a MAC');
  for (const relay of ['10.1.0.1', '10.2.0.1']) {
    tell(event('no-subnet', { relay }));
    tell({ ...event('no-subnet', { relay }), mac: other });
  }
  expect(lines).toHaveLength(2);
});
