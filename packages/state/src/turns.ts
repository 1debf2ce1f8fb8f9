/** Work on one key happens one after the other, in call order; different keys do not wait for each other. */
export class Turns<K> {
  readonly #last = new Map<K, Promise<void>>();

  /** Runs `work` once all earlier work on this key is over, whatever became of that. */
  async take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const running = before === undefined ? work() : before.then(work);
    const over = running.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    try {
      return await running;
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }

  /** Resolves when nothing that was asked for before is still under way. */
  async over(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
