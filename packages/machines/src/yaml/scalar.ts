import type { CoreValue } from './tree.ts';

/** Plain scalars of the core schema (YAML 1.2.2 section 10.3.2), first match wins; anything else is a string. */
const FORMS: readonly (readonly [RegExp, (text: string) => CoreValue])[] = [
  [/^(?:~|null|Null|NULL|)$/, () => null],
  [/^(?:true|True|TRUE)$/, () => true],
  [/^(?:false|False|FALSE)$/, () => false],
  [/^[-+]?[0-9]+$/, Number],
  [/^0o[0-7]+$/, Number],
  [/^0x[0-9a-fA-F]+$/, Number],
  [/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/, Number],
  [/^[-+]?(?:\.inf|\.Inf|\.INF)$/, (text) => (text.startsWith('-') ? -Infinity : Infinity)],
  [/^(?:\.nan|\.NaN|\.NAN)$/, () => NaN],
];

/** What a plain scalar means in the core schema. */
export function coreValue(text: string): CoreValue {
  const form = FORMS.find(([pattern]) => pattern.test(text));
  return form === undefined ? text : form[1](text);
}
