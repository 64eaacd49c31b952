/** What the registry tells whoever follows it: policies' caches, the fleet index, registry events. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

export interface RegistryChange {
  readonly kind: 'created' | 'updated' | 'deleted' | 'attached' | 'detached';
  readonly thingName: string;
  /** Of an attachment. */
  readonly principal?: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Called after the commit; must not throw and must not wait. */
export type ChangeListener = (change: RegistryChange) => void;

export interface Changes {
  /** To be called once the store has committed. */
  announce(change: Omit<RegistryChange, 'timestamp'>): void;
  /** Returns how to stop. */
  listen(listener: ChangeListener): () => void;
}

export function createChanges(clock: Clock, log: Log): Changes {
  const listeners = new Set<{ readonly listener: ChangeListener }>();
  return {
    announce(change) {
      log.debug(change, `thing ${change.kind}`);
      const timestamp = clock.now();
      for (const { listener } of listeners) listener({ ...change, timestamp });
    },
    listen(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
}
