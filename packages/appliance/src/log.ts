import type { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Readable lines instead of JSON; the default where standard output is a terminal. */
  readonly pretty: boolean;
  /** Where the lines go; standard output unless told. */
  readonly destination?: Writable;
}

/** Fields that must not be written even if a caller hands them over by mistake; events carry none of them. */
const NEVER: ReadonlySet<string> = new Set(['token', 'password', 'secret', 'authorization', 'config']);

/**
 * One structured line an event. Lines are gathered while the event loop works off what has arrived, and written together
 * before it waits again or the process ends: a storm costs one system call for many lines. A `kill -9` in between loses
 * those of that turn and nothing else; leases do not depend on them.
 */
export function createLog({ level, pretty: readable, destination }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: masked },
  };
  if (!readable) return pino(options, destination ?? inTurns(pino.destination({ dest: 1, sync: true })));
  const lines = pretty({
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    messageFormat: '{step}{if mac} {mac}{end}{if name} {name}{end}: {msg} [{why}]',
    ignore: 'step,mac,name,why',
    singleLine: true,
    sync: true,
    destination: destination ?? 1,
  });
  return pino(options, lines);
}

type Fields = Record<string, unknown>;

/** Fields without the values of what must not be written, at any depth. An event has nothing to hide and is left alone. */
function masked(fields: Fields): Fields {
  const names = Object.keys(fields);
  if (names.every((name) => !NEVER.has(name) && !isNested(fields[name]))) return fields;
  return Object.fromEntries(names.map((name) => [name, NEVER.has(name) ? '***' : maskedValue(fields[name])]));
}

function maskedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedValue);
  return isNested(value) ? masked(Object.fromEntries(Object.entries(value))) : value;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Gathers lines and writes them before the event loop waits again, and at the end of the process. */
function inTurns(destination: { write(text: string): unknown }): { write(line: string): void } {
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') destination.write(text);
  };
  process.once('exit', flush);
  return {
    write(line) {
      if (lines === '') setImmediate(flush);
      lines += line;
    },
  };
}
