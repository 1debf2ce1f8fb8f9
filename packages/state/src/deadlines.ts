interface Item<K> {
  readonly key: K;
  readonly time: number;
}

/** Keys by the time at which each is due: a binary heap that knows where each key lies, so one key is in it once. */
export class Deadlines<K> {
  readonly #heap: Item<K>[] = [];
  readonly #places = new Map<K, number>();
  /** Items moved so far. */
  moves = 0;

  get size(): number {
    return this.#heap.length;
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  /** Adds a key, or changes its time. */
  set(key: K, time: number): void {
    const place = this.#places.get(key) ?? this.#heap.length;
    if (this.#heap[place]?.time === time) return;
    this.#put({ key, time }, place);
    this.#settle(place);
  }

  delete(key: K): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#put(last, place);
    this.#settle(place);
  }

  /** Takes out the earliest key that is due at `now`, if any. */
  due(now: number): K | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.time > now) return undefined;
    this.delete(first.key);
    return first.key;
  }

  #settle(start: number): void {
    let place = start;
    for (;;) {
      const parent = (place - 1) >> 1;
      const earlier = place > 0 && this.#time(place) < this.#time(parent) ? parent : this.#earlierChild(place);
      if (earlier === place) return;
      this.#swap(place, earlier);
      place = earlier;
    }
  }

  /** The child that is due before its parent and its sibling, or the parent's own place. */
  #earlierChild(place: number): number {
    let best = place;
    for (const child of [2 * place + 1, 2 * place + 2]) if (this.#time(child) < this.#time(best)) best = child;
    return best;
  }

  #time(place: number): number {
    return this.#heap[place]?.time ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x === undefined || y === undefined) return;
    this.#put(y, a);
    this.#put(x, b);
  }

  #put(item: Item<K>, place: number): void {
    this.moves += 1;
    this.#heap[place] = item;
    this.#places.set(item.key, place);
  }
}
