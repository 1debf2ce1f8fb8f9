import { crc32 } from 'node:zlib';
import { isObject, type Entry, type Json } from './store.ts';
import type { Change } from './table.ts';

/*
 * A line of the journal is `crc32-hex SP seq SP JSON LF`. The sum covers everything between itself and the line feed.
 * The first line (seq 0) names the format, its version and the last sequence number before this file was written;
 * the others carry one record each, in ascending order of seq, which is the record's version. No `value`: deleted.
 */
const FORMAT = 'sower-journal';
const VERSION = 1;
const LINE = /^([0-9a-f]{8}) (0|[1-9][0-9]{0,15}) (\{.*\})$/s;
const LF = 0x0a;

/** A line that is not good, or the tail: all that follows the last good line. `line` counts from 1. */
export interface Damage {
  readonly line: number;
  readonly tail: boolean;
  readonly bytes: Buffer;
}

/** What a journal file says. */
export interface Reading {
  readonly entries: Map<string, Entry>;
  /** The highest sequence number ever used. */
  readonly last: number;
  /** Good records in the file, those that a later one replaced included. */
  readonly records: number;
  readonly headerLost: boolean;
  readonly damage: readonly Damage[];
}

/** The file was written by a newer release, or by another program: reading on would destroy it. */
export class ForeignJournal extends Error {
  override readonly name = 'ForeignJournal';
}

export function headerLine(last: number): string {
  return line(0, { format: FORMAT, version: VERSION, last });
}

export function recordLine({ key, version, entry }: Change): string {
  return line(version, entry === undefined ? { key } : { key, value: entry.value });
}

/**
 * Reads a whole file, and every good line of a bad one: lines that were cut, changed or repeated (the sequence does
 * not ascend) are set aside. Throws ForeignJournal.
 */
export function readLines(file: Buffer): Reading {
  const entries = new Map<string, Entry>();
  const damage: Damage[] = [];
  let last = 0;
  let previous = 0;
  let records = 0;
  let headerLost = true;
  let tail: { readonly line: number; readonly bytes: Buffer }[] = [];
  for (const { number, bytes } of split(file)) {
    const parsed = parse(bytes);
    const start = number === 1 && parsed?.seq === 0 ? headerOf(parsed.body) : undefined;
    const record = parsed !== undefined && parsed.seq > previous ? recordOf(parsed.body) : undefined;
    if (start !== undefined) {
      last = start;
      headerLost = false;
    } else if (parsed !== undefined && record !== undefined) {
      previous = parsed.seq;
      records += 1;
      entries.delete(record.key);
      if (record.value !== undefined)
        entries.set(record.key, { key: record.key, version: previous, value: record.value });
    } else {
      tail.push({ line: number, bytes });
      continue;
    }
    damage.push(...tail.map((part) => ({ ...part, tail: false })));
    tail = [];
  }
  const [first] = tail;
  if (first !== undefined) {
    damage.push({ line: first.line, tail: true, bytes: Buffer.concat(tail.map((part) => part.bytes)) });
  }
  return { entries, last: Math.max(last, previous), records, headerLost, damage };
}

function line(seq: number, body: Json): string {
  const text = `${seq} ${JSON.stringify(body)}`;
  return `${hex(crc32(text))} ${text}\n`;
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

/** Lines with their line feed; the last may lack it. */
function* split(file: Buffer): Generator<{ readonly number: number; readonly bytes: Buffer }> {
  for (let start = 0, number = 1; start < file.length; number += 1) {
    const feed = file.indexOf(LF, start);
    const end = feed === -1 ? file.length : feed + 1;
    yield { number, bytes: file.subarray(start, end) };
    start = end;
  }
}

function parse(bytes: Buffer): { readonly seq: number; readonly body: Json } | undefined {
  if (bytes.at(-1) !== LF) return undefined;
  const [, sum, seq, json] = LINE.exec(bytes.toString('utf8', 0, bytes.length - 1)) ?? [];
  if (json === undefined || sum !== hex(crc32(bytes.subarray(9, -1)))) return undefined;
  try {
    const body: Json = JSON.parse(json);
    return { seq: Number(seq), body };
  } catch {
    return undefined;
  }
}

/** The last sequence number that a header names; undefined when the line is no header. */
function headerOf(body: Json): number | undefined {
  if (!isObject(body) || typeof body.format !== 'string') return undefined;
  if (body.format !== FORMAT || body.version !== VERSION || typeof body.last !== 'number') {
    const found = JSON.stringify([body.format, body.version]);
    throw new ForeignJournal(`the journal's first line says ${found}; this release reads ["${FORMAT}",${VERSION}]`);
  }
  return body.last;
}

function recordOf(body: Json): { readonly key: string; readonly value: Json | undefined } | undefined {
  if (!isObject(body) || typeof body.key !== 'string') return undefined;
  return { key: body.key, value: body.value };
}
