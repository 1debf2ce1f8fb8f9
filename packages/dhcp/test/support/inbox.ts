/** Things that arrive one after another, and somebody who waits for the next one. */
export interface Inbox<T> {
  put(item: T): void;
  /** The oldest item that nobody took yet. */
  next(): Promise<T>;
  readonly waiting: number;
}

export function inbox<T>(): Inbox<T> {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    next: () =>
      new Promise((resolve) => {
        const item = items.shift();
        if (item === undefined) takers.push(resolve);
        else resolve(item);
      }),
    get waiting() {
      return items.length;
    },
  };
}

/** A promise with its handle, for a test that decides when something is done. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
