import { findingsOf, shared, type Inventory, type Parsed, type Problem, type SharedFinding } from '@sower/machines';
import type { BootEvent, Tell } from '../events.ts';
import { needsRestart } from '../force.ts';

/** Says what a changed data file came to: what is in force now, or why the old inventory stays. */
export function tellReload({ inventory, problems }: Parsed, before: Inventory, tell: Tell): void {
  for (const problem of problems) tell(problemEvent(problem));
  for (const line of inventory === undefined ? [] : shared(findingsOf(inventory))) tell(findingEvent(line));
  if (inventory === undefined) {
    tell(event('reload-refused', 'error', 'the data file has errors; the last valid one stays in force'));
    return;
  }
  tell(event('reloaded', 'info', `the data file is in force with ${inventory.machines.length} machine(s)`));
  const held = needsRestart(before, inventory);
  if (held.length > 0) tell(event('needs-restart', 'warn', `takes effect at the next start only: ${held.join(', ')}`));
}

function problemEvent({ file, line, column, severity, what, hint }: Problem): BootEvent {
  return event('data-problem', severity === 'error' ? 'error' : 'warn', `${file}:${line}:${column}: ${what} (${hint})`);
}

function findingEvent({ file, line, column, severity, what, hint, rule, machines }: SharedFinding): BootEvent {
  const text = `${machines.join(', ')}: ${file}:${line}:${column}: ${what} (${hint}) [${rule}]`;
  return event(severity === 'error' ? 'install-stopped' : 'lint', severity === 'error' ? 'error' : 'warn', text);
}

function event(why: string, level: BootEvent['level'], text: string): BootEvent {
  return { step: 'data', why, level, mac: undefined, name: undefined, text, fields: {} };
}
