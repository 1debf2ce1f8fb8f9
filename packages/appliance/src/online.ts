import { artifactUrl, installOf, spot, type Finding, type Inventory, type Machine } from '@sower/machines';

/** Requests under way at the same time. */
const PARALLEL = 4;

/** What a check on the network came to: the size in bytes of each file that is there, and what is wrong with the others. */
export interface Online {
  readonly sizes: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** A URL that a machine would fetch, and where the data file says so. */
interface Wanted {
  readonly url: string;
  readonly finding: Omit<Finding, 'rule' | 'what' | 'hint'>;
}

/**
 * Asks for every ISO, and for the artifacts where they are on another server, with HEAD as the installer does: each URL
 * once, each answer within `ms`. Redirects are followed; only http and https are asked.
 */
export async function checkOnline(inventory: Inventory, ms: number): Promise<Online> {
  const wanted = inventory.machines
    .filter(({ netboot }) => netboot !== 'never')
    .flatMap((machine) => wantedBy(machine, inventory));
  const urls = [...new Set(wanted.map(({ url }) => url))];
  const answers = new Map<string, Answer>();
  const queue = urls.values();
  const worker = async () => {
    for (const url of queue) answers.set(url, await head(url, ms));
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const findings = wanted.flatMap(({ url, finding }) => {
    const answer = answers.get(url);
    return answer === undefined || 'size' in answer ? [] : [{ ...finding, ...answer }];
  });
  return { sizes: sizesOf(answers), findings };
}

type Answer = { readonly size: number } | Pick<Finding, 'rule' | 'what' | 'hint'>;

function sizesOf(answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, number> {
  return new Map(
    [...answers].flatMap(([url, answer]) => ('size' in answer ? [[shown(url), answer.size] as const] : [])),
  );
}

function wantedBy(machine: Machine, { appliance }: Inventory): readonly Wanted[] {
  const { config, name, place } = machine;
  const iso = spot(config, 'install', 'iso_url');
  const files = 'url' in appliance.artifacts ? Object.values(installOf(machine).files(appliance.templates)) : [];
  const at = { machine: name, severity: 'error' } as const;
  return [
    { url: iso.text ?? '', finding: { ...at, ...iso.place, path: iso.path } },
    ...files.map(([path = '']) => ({
      url: artifactUrl('', appliance.artifacts, path),
      finding: { ...at, ...place, path: 'values.version' },
    })),
  ].filter(({ url }) => /^https?:/.test(url));
}

async function head(url: string, ms: number): Promise<Answer> {
  // What cannot be parsed is not shown: there may be a password in it.
  if (!URL.canParse(url)) return refused('this is no URL that anybody could fetch');
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ms) });
    const size = Number(response.headers.get('content-length') ?? 0);
    if (!response.ok) return refused(`${shown(url)} is answered with status ${response.status}`);
    if (size > 0) return { size };
    const hint = 'serve it from a server that tells the length: the installer asks for it';
    return { rule: 'url-without-size', what: `${shown(url)} comes without a size`, hint };
  } catch {
    return refused(`${shown(url)} does not answer within ${ms / 1000} s, or not at all`);
  }
}

function refused(what: string): Answer {
  return { rule: 'url-unreachable', what, hint: 'correct the URL, or put the file there' };
}

/** Without the user and the password that a URL may hold. */
function shown(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
