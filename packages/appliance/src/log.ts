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
const NEVER = [
  'token',
  'password',
  'secret',
  'authorization',
  'config',
  '*.token',
  '*.password',
  '*.secret',
  '*.authorization',
];

/** One structured line an event. Written synchronously: the last line before a crash is there. */
export function createLog({ level, pretty: readable, destination }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: NEVER, censor: '***' },
  };
  if (!readable) return pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
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
