/** Whether so much may still be spent for this key in the current second. */
export type Allowance = (key: string, cost: number, now: number) => boolean;

/** A budget per key and second, in whatever unit `cost` has (C-22, C-28). Memory is bounded by the keys of one second. */
export function allowance(perSecond: number): Allowance {
  const spent = new Map<string, number>();
  let second = 0;
  return (key, cost, now) => {
    const current = Math.floor(now / 1000);
    if (current !== second) {
      second = current;
      spent.clear();
    }
    const sum = (spent.get(key) ?? 0) + cost;
    if (sum > perSecond) return false;
    spent.set(key, sum);
    return true;
  };
}
