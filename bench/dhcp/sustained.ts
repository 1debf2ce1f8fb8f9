/** Where the search for a rate begins and how exact it is. */
export interface Search {
  /** The first rate that is tried, per second; at least 1. */
  readonly from: number;
  /** No rate above this is tried. */
  readonly limit: number;
  /** It ends when the rates known to be good and bad are no further apart than this share of the good one. */
  readonly within: number;
}

/**
 * The highest rate that `holds`: doubled or halved from the first one until it lies between a good and a bad rate, then
 * bisected. 0 when not even one a second holds. What holds at a rate is taken to hold below it.
 */
export async function sustainedRate(holds: (rate: number) => Promise<boolean>, search: Search): Promise<number> {
  let good = 0;
  let bad = Infinity;
  let rate = Math.min(search.from, search.limit);
  for (;;) {
    if (await holds(rate)) good = rate;
    else bad = rate;
    if (good >= search.limit || (good === 0 && bad <= 1)) return good;
    if (bad - good <= Math.max(1, good * search.within)) return good;
    if (bad === Infinity) rate = Math.min(good * 2, search.limit);
    else rate = Math.max(1, Math.round(good === 0 ? bad / 2 : (good + bad) / 2));
  }
}
