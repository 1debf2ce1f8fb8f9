/**
 * Measures every item once a round, so that what else the machine does meets all of them alike; a line for each result. An item
 * that could not be measured has no result of that round, and a line that says why.
 */
export async function inTurns<T, R>(
  rounds: number,
  items: readonly T[],
  title: (item: T) => string,
  measure: (item: T, before: readonly R[]) => Promise<R>,
): Promise<ReadonlyMap<T, readonly R[]>> {
  const done = new Map<T, R[]>(items.map((item) => [item, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [item, results] of done) {
      try {
        const result = await measure(item, results);
        console.log(`  ${title(item)}: ${JSON.stringify(result)}`);
        results.push(result);
      } catch (error) {
        console.log(`  ${title(item)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return done;
}
