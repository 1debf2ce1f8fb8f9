/**
 * Reads what a load generator printed, which has the shape of `sample`: the same keys with values of the same kinds. JSON knows no
 * NaN and says null instead. Throws when it is something else.
 */
export function readLike<T>(text: string, sample: T): T {
  const value: unknown = JSON.parse(text, (_, part: unknown) => part ?? Number.NaN);
  if (!isLike(value, sample)) throw new Error(`not what was expected: ${text.slice(0, 200)}`);
  return value;
}

function isLike<T>(value: unknown, sample: T): value is T {
  if (typeof value !== typeof sample || Array.isArray(value) !== Array.isArray(sample)) return false;
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) return true;
  const found = new Map(Object.entries(Object(value)));
  return Object.entries(sample).every(([key, wanted]) => isLike(found.get(key), wanted));
}
