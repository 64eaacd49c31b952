/**
 * The registry: which things there are and which principals are attached to them (identity-registry-provisioning.md
 * section 2). `server.ts` creates it; policies and the broker see its `directory`. One file for each resource: thing
 * types, groups and billing groups join things and attachments here.
 */
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Turns } from '../base/turns.ts';
import type { ThingDirectory } from '../identity/authority.ts';
import type { Store } from '../store/store.ts';
import { attachmentCollection, principalMarkCollection } from './attachment.ts';
import { type ChangeListener, createChanges } from './change.ts';
import { type ThingOperations, thingOperations } from './thing.ts';
import { thingDirectory } from './thing-directory.ts';
import { type Principals, type ThingPrincipalOperations, thingPrincipalOperations } from './thing-principal.ts';
import { thingCollection } from './thing-record.ts';

export interface RegistryDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly log: Log;
  readonly principals: Principals;
}

export interface Registry {
  readonly operations: ThingOperations & ThingPrincipalOperations;
  readonly directory: ThingDirectory;
  /** Calls `listener` after each change is committed; it must not throw and must not wait. Returns how to stop. */
  onChange(listener: ChangeListener): () => void;
}

/** Declares the collections `thing`, `thing_principal` and `thing_principal_mark`. */
export function createRegistry({ store, clock, random, place, log, principals }: RegistryDeps): Registry {
  const things = store.collection(thingCollection);
  const attachments = store.collection(attachmentCollection);
  const marks = store.collection(principalMarkCollection);
  const changes = createChanges(clock, log);
  const turns = new Turns();
  // Nothing makes thing types and billing groups yet, so whatever names one names nothing.
  const types = { find: async () => undefined };
  const billingGroups = { exists: async () => false };
  return {
    operations: {
      ...thingOperations({ store, things, attachments, turns, random, place, changes, types, billingGroups }),
      ...thingPrincipalOperations({ store, things, attachments, marks, turns, principals, changes }),
    },
    directory: thingDirectory(things, attachments, changes),
    onChange: changes.listen,
  };
}
