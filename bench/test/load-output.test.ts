import { describe, expect, test } from 'vitest';
import { perfdhcpWords, readPerfdhcp } from '../dhcp/perfdhcp.ts';
import { readWrk } from '../http/wrk.ts';
import { readLike } from '../rig/json.ts';

/** As perfdhcp 2.2 prints it: three exchanges begun, the second one's REQUEST never answered. */
const PERFDHCP = `Running: perfdhcp -4 -l 10.64.0.2 -r 100 -R 3 -n 3 10.64.0.1
***Rate statistics***
Rate: 65.959 4-way exchanges/second, expected rate: 100

***Statistics for: DISCOVER-OFFER***
sent packets: 3
received packets: 3
drops: 0

***Statistics for: REQUEST-ACK***
sent packets: 3
received packets: 2
drops: 1

***Timestamps for packets: DISCOVER-OFFER***
sent / received: 000000.000000 / 000000.001000
sent / received: 000000.010000 / 000000.011000
sent / received: 000000.020000 / 000000.021000

***Timestamps for packets: REQUEST-ACK***
sent / received: 000000.021100 / 000000.025000
sent / received: 000000.001100 / 000000.003000
`;

const WRK = `Running 8s test @ http://10.64.0.1:10000/ipxe/52:54:00:aa:bb:01
  2 threads and 16 connections
  Latency Distribution
     50%  812.00us
     75%    1.01ms
     90%    1.40ms
     99%    2.36ms
  15023 requests in 8.10s, 4.50MB read
  Socket errors: connect 0, read 3, write 0, timeout 1
  Non-2xx or 3xx responses: 7
Requests/sec:   1854.69
Transfer/sec:    512.00KB
`;

describe('what the load generators print', () => {
  test('perfdhcp: each REQUEST belongs to the last OFFER before it', () => {
    const run = readPerfdhcp(PERFDHCP);
    expect(run).toMatchObject({ begun: 3, completed: 2 });
    expect(run.ms.p50).toBeCloseTo(3, 6);
    expect(run.ms.p99).toBeCloseTo(5, 6);
    expect(run.ms.mean).toBeCloseTo(4, 6);
  });

  test('perfdhcp without a single answer', () => {
    const silent = PERFDHCP.replace(/\*\*\*Timestamps[\s\S]*$/, '');
    expect(readPerfdhcp(silent)).toEqual({ begun: 3, completed: 0, ms: { mean: NaN, p50: NaN, p99: NaN } });
  });

  test('perfdhcp is told how many machines at which rate, and a time that suffices', () => {
    const words = perfdhcpWords('10.64.0.2', '10.64.0.1', 400, 1000);
    expect(words.join(' ')).toBe('-4 -l 10.64.0.2 -r 400 -R 1000 -n 1000 -p 4 -W 1000000 -x t -g multi 10.64.0.1');
  });

  test('wrk', () => {
    expect(readWrk(WRK)).toEqual({ requestsPerSecond: 1854.69, mibPerSecond: 0.5, p99: 2.36, failed: 11 });
  });

  test('our own: the same shape, null for what is no number', () => {
    const sample = { begun: 0, ms: { p99: 0 }, hashes: [''] };
    const text = '{"begun":3,"ms":{"p99":null},"hashes":[],"more":1}';
    expect(readLike(text, sample)).toMatchObject({ begun: 3, ms: { p99: NaN }, hashes: [] });
    expect(() => readLike('{"begun":3,"ms":{},"hashes":[]}', sample)).toThrow('not what was expected');
    expect(() => readLike('{"begun":3,"ms":{"p99":1},"hashes":{}}', sample)).toThrow('not what was expected');
    expect(() => readLike('7', sample)).toThrow('not what was expected');
  });
});
