import { StoreUnwritable, type Store } from './store.ts';
import { Table } from './table.ts';

/** A store that lasts as long as the process: for tests, and for an appliance that is told to forget. */
export function memoryStore(): Store {
  const table = new Table();
  let closed = false;
  return {
    load: (prefix) => Promise.resolve(table.withPrefix(prefix)),
    write: async (key, expected, value) => {
      if (closed) throw new StoreUnwritable('CLOSED', 'the store is closed');
      const { written, changes } = table.decide([{ key, expected, value }]);
      table.apply(changes);
      const [only] = written;
      if (only === undefined) throw new Error('a write without an outcome');
      return only;
    },
    writeAll: async (writes) => {
      if (closed) throw new StoreUnwritable('CLOSED', 'the store is closed');
      const changes = table.decideAll(writes);
      if (changes !== undefined) table.apply(changes);
      return changes?.map(({ version }) => version);
    },
    close: async () => {
      closed = true;
    },
  };
}
