/** Counts what runs, in all and for each client (C-30). */
export interface Admission {
  readonly count: number;
  /** Takes a place for this client; false when there is none. */
  enter(client: string): boolean;
  leave(client: string): void;
}

export function admission(max: number, perClient: number): Admission {
  const places = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    enter(client) {
      const taken = places.get(client) ?? 0;
      if (count >= max || taken >= perClient) return false;
      places.set(client, taken + 1);
      count += 1;
      return true;
    },
    leave(client) {
      const left = (places.get(client) ?? 0) - 1;
      if (left > 0) places.set(client, left);
      else places.delete(client);
      count -= 1;
    },
  };
}
