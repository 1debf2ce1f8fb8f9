import type { Refused, Source } from './source.ts';

/**
 * Tries the sources in order: the first that has the name gives the file.
 * When none has it, a `forbidden` of any of them is the answer, because it says more than a `missing`.
 */
export function firstOf(sources: readonly Source[]): Source {
  return {
    async open(name) {
      let answer: Refused = { refused: 'missing', detail: 'no source has this name' };
      for (const source of sources) {
        const opened = await source.open(name);
        if (!('refused' in opened)) return opened;
        if (answer.refused === 'missing') answer = opened;
      }
      return answer;
    },
  };
}
