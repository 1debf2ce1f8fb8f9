import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSubnet, parseIPv4, parseMac, parseRange, parseSubnet, type IPv4, type Mac } from '@sower/net';
import { onTestFinished } from 'vitest';
import type { SubnetPlan } from '../src/allocate.ts';
import type { Clock } from '../src/index.ts';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sower-state-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test expected a value here');
  return value;
}

export function address(text: string): IPv4 {
  return must(parseIPv4(text));
}

/** The n-th client. */
export function client(n: number): Mac {
  return must(parseMac(`5254${n.toString(16).padStart(8, '0')}`));
}

export interface PlanText {
  readonly cidr?: string;
  readonly pool?: string | undefined;
  readonly excluded?: readonly string[];
  readonly reserved?: ReadonlyMap<Mac, string>;
  readonly mayUsePool?: boolean;
}

export function plan(text: PlanText = {}): SubnetPlan {
  const subnet = must(parseSubnet(text.cidr ?? '192.0.2.0/24'));
  const range = 'pool' in text ? text.pool : '192.0.2.100-192.0.2.109';
  const reserved = new Map([...(text.reserved ?? [])].map(([mac, at]) => [mac, address(at)]));
  const owners = new Map([...reserved].map(([mac, at]) => [at, mac]));
  return {
    key: formatSubnet(subnet),
    subnet,
    pool: range === undefined ? undefined : must(parseRange(range)),
    excluded: new Set((text.excluded ?? []).map(address)),
    reservedFor: (mac) => reserved.get(mac),
    reservedBy: (at) => owners.get(at),
    mayUsePool: text.mayUsePool ?? true,
  };
}

/** A clock that stands still until it is told to move; the wall can be set on its own. */
export interface HandClock extends Clock {
  pass(seconds: number): void;
  setWall(seconds: number): void;
}

export function handClock(startSeconds = 1_800_000_000): HandClock {
  let wall = startSeconds * 1000;
  let monotonic = 5000;
  return {
    now: () => wall,
    monotonic: () => monotonic,
    pass: (seconds) => {
      wall += seconds * 1000;
      monotonic += seconds * 1000;
    },
    setWall: (seconds) => {
      wall = seconds * 1000;
    },
  };
}
