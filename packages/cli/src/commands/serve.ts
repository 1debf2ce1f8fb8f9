import { parseArgs } from 'node:util';
import { createLog, DataError, inheritedSockets, start, StartError } from '@sower/appliance';
import { dataFile, reading, UsageError, type Run } from '../command.ts';
import { createNotifier } from '../notifier.ts';
import { printProblems } from '../problems.ts';

/** A stop lets transfers finish for so long (systemd and Docker wait ten seconds), then cuts them. */
const DRAIN_MS = 8000;

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** `sower serve`: the appliance, until SIGTERM or SIGINT. */
export const serve: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        state: { type: 'string' },
        artifacts: { type: 'string' },
        iso: { type: 'string' },
        'log-level': { type: 'string', default: 'info' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    }),
  );
  const level = values['log-level'];
  if (!LEVELS.includes(level)) throw new UsageError(`--log-level is one of ${LEVELS.join(', ')}`);
  const log = createLog({ level, pretty: process.stdout.isTTY && !values.json });
  const stopped = signalled();
  const systemd = createNotifier(process.env, process.pid, (error) =>
    log.warn({ step: 'start', why: 'systemd-not-told' }, String(error)),
  );
  try {
    const appliance = await start({
      dataFile: dataFile(values.data, positionals),
      state: values.state ?? process.env.SOWER_STATE,
      artifacts: values.artifacts ?? process.env.SOWER_ARTIFACTS,
      iso: values.iso ?? process.env.SOWER_ISO,
      inherited: inheritedSockets(process.env, process.pid),
      log,
      now: () => Date.now(),
    });
    // The summary is for people; on standard error it leaves the log on standard output one JSON object a line.
    process.stderr.write(`${appliance.summary.join('\n')}\n`);
    log.info({ step: 'start', why: 'ready' }, 'ready');
    await systemd.say('ready');
    systemd.keepAlive();
    const signal = await stopped;
    log.info({ step: 'stop', why: signal }, 'stopping');
    await systemd.say('stopping');
    await appliance.close(DRAIN_MS);
    log.info({ step: 'stop', why: 'stopped' }, 'stopped');
    // A disk that hangs keeps its request, and with it the process, for ever.
    setTimeout(() => process.exit(0), 1000).unref();
    return 0;
  } catch (error) {
    if (error instanceof DataError) {
      printProblems(error.problems, process.stderr);
      process.stderr.write(`sower: ${error.message}; nothing was started\n`);
      return 2;
    }
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`sower: ${error.message}\n`);
    return 1;
  }
};

const STOPS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves at the first request to stop. A second one ends the process at once, as the system would. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const other of STOPS) process.off(other, stop);
      resolve(signal);
    };
    for (const signal of STOPS) process.on(signal, stop);
  });
}
