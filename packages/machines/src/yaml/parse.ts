import { parseEvents, YAMLException, type Event } from 'js-yaml';
import type { Report } from '../problems.ts';
import { compose } from './compose.ts';
import { placesOf } from './lines.ts';
import type { Node } from './tree.ts';

/** Characters; a data file of 10,000 machines has about 3 million. */
const MAX_LENGTH = 16 * 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * Reads YAML into a tree of located nodes. Undefined when there is none to speak of: nothing in the file, or a syntax
 * error, which then is the only problem. Every other problem goes to `report`, and the rest of the tree is there.
 */
export function parseYaml(text: string, file: string, report: Report): Node | undefined {
  const places = placesOf(text, file);
  if (text.length > MAX_LENGTH) {
    report.error(places(0), 'the file is too large', `at most ${MAX_LENGTH} characters are read`);
    return undefined;
  }
  const events = parsed(text);
  if ('syntax' in events) {
    report.error(places(events.offset), `this is not YAML: ${events.syntax}`, hintFor(events.syntax));
    return undefined;
  }
  return compose(events, text, places, report);
}

function parsed(text: string): Event[] | { readonly syntax: string; readonly offset: number } {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { syntax: withoutSource(error.reason), offset: error.mark?.position ?? 0 };
  }
}

/** A few of the parser's reasons end in a piece of the file, which may be a secret. */
function withoutSource(reason: string): string {
  return reason.replace(/: .*$/s, '').replaceAll(/"[^"]*"/g, 'that');
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/tab characters/, 'indent with spaces'],
  [/bad indentation|mapping entry|deficient indentation/, 'check the indentation, and quote a value that holds `: `'],
  [/quoted scalar/, 'a closing quote is missing'],
  [/flow collection/, 'a bracket, brace or comma is missing'],
  [/maxDepth/, `at most ${MAX_DEPTH} levels are read`],
  [/tag/, 'tags are not needed in this file'],
  [/stream|separator/, 'check the indentation of this line and the one above'],
];

function hintFor(reason: string): string {
  return HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'look at this line and the one above';
}
