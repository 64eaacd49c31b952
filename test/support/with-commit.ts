/** A store whose commits a test holds up, fails, or lets lose to another writer. For tests alone. */
import type { Store } from '../../src/store/store.ts';

/** `store` with another `commit`; everything else is as it was. */
export function withCommit(store: Store, commit: Store['commit']): Store {
  return {
    collection: (spec) => store.collection(spec),
    queue: (name) => store.queue(name),
    queues: (...range) => store.queues(...range),
    commit,
    counters: store.counters,
    clear: () => store.clear(),
    close: () => store.close(),
  };
}
