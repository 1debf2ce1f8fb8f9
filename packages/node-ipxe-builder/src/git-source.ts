import { join } from 'node:path';
import { cached } from './cache.ts';
import { BuildError, run } from './command.ts';
import type { Workshop } from './driver.ts';

/** A commit that is there as files. */
export interface CheckedOut {
  readonly folder: string;
  /** Without a user's name and password. */
  readonly url: string;
  readonly commit: string;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a text looks like something to clone: `https://…`, `git@host:path`, and whatever ends in `.git` or names a `#REF`. */
export function isGitAddress(text: string): boolean {
  return !text.startsWith('-') && /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:|\.git$|#/.test(text);
}

/** Fetches one commit of `URL[#REF]`, without its history, into the cache. A full commit that is there already needs no network. */
export async function checkOut(address: string, { cache, signal, progress }: Workshop): Promise<CheckedOut> {
  const [url = '', ref = 'HEAD'] = address.split('#', 2);
  const shown = withoutUser(url);
  const git = (...args: readonly string[]) => run('git', args, { signal, env: { GIT_TERMINAL_PROMPT: '0' } });
  const commit = COMMIT.test(ref) ? ref : commitOf(ref, await git('ls-remote', '--', url, ref, `${ref}^{}`));
  if (commit === undefined)
    throw new BuildError(`${shown} has no ${ref}: name a branch, a tag, or a commit by all of its 40 digits`);
  const isWhole = () => Promise.resolve(true);
  const { folder } = await cached(join(cache, 'sources'), `git-${commit}`, isWhole, async (fresh) => {
    progress(`fetching commit ${commit.slice(0, 12)} of ${shown}`);
    await git('init', '-q', fresh);
    await git('-C', fresh, 'fetch', '-q', '--depth', '1', '--', url, commit);
    await git('-C', fresh, '-c', 'core.autocrlf=false', 'checkout', '-q', '--detach', commit);
  });
  return { folder, url: shown, commit };
}

/** What a name stands for, first things first (gitrevisions(7)); `^{}` is what an annotated tag points to. */
const MEANINGS = [
  (ref: string) => ref,
  (ref: string) => `refs/${ref}`,
  (ref: string) => `refs/tags/${ref}^{}`,
  (ref: string) => `refs/tags/${ref}`,
  (ref: string) => `refs/heads/${ref}`,
];

/** The commit of `ref` among the lines of `git ls-remote`, which has every ref that ends so: `main` finds `origin/main`, too. */
function commitOf(ref: string, lines: string): string | undefined {
  const commits = new Map(
    [...lines.matchAll(/^([0-9a-f]{40})\t(.+)$/gm)].map(([, commit = '', name = '']) => [name, commit]),
  );
  return MEANINGS.map((nameOf) => commits.get(nameOf(ref))).find((commit) => commit !== undefined);
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/, '$1');
}
