import { run } from './command.ts';

/** What curl got. */
export interface Response {
  readonly status: number;
  readonly body: string;
}

/** GET with curl from inside a namespace. */
export async function get(namespace: string, url: string): Promise<Response> {
  const text = await run(
    'ip',
    'netns',
    'exec',
    namespace,
    'curl',
    '-sS',
    '--max-time',
    '10',
    '-w',
    '\n%{http_code}',
    url,
  );
  const end = text.lastIndexOf('\n');
  return { status: Number(text.slice(end + 1)), body: text.slice(0, end) };
}
