/**
 * What can be asked of a shadow, the same for both protocols: admit the request, take its turn, change the record,
 * tell the subscribers. Called by `shadow-operations.ts` (HTTP) and `shadow-topics.ts` (MQTT).
 *
 * Requests of one shadow run one after the other in the order they came, and bodies are read before the first wait,
 * so a caller may hand over a view into its receive buffer. Another node's write is met by the record's version.
 */
import type { Clock } from '../base/clock.ts';
import type { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Turns } from '../base/turns.ts';
import type { MessageBus } from '../broker/message.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, Range, Store } from '../store/store.ts';
import { RequestRate, type ShadowLimits } from './request-limits.ts';
import {
  applyUpdate,
  clientTokenOf,
  type Delta,
  deltaOf,
  parseUpdate,
  requireClientToken,
  type ShadowDocument,
  stamp,
  type UpdateRequest,
} from './shadow-document.ts';
import { noShadow, tooManyRequests } from './shadow-error.ts';
import {
  documentOf,
  recordKey,
  recordOf,
  type ShadowName,
  type ShadowRecord,
  shadowCollection,
  tombstoneOf,
} from './shadow-record.ts';

/** Bodies in and out are JSON; all reject with a ServiceError of the catalogue in section 5. */
export interface ShadowService {
  /** The shadow with its delta. Only the `clientToken` of the body matters. */
  get(name: ShadowName, body: Buffer): Promise<Buffer>;
  /** What `get` answers, for the platform's own use: not counted, not waiting for requests under way. */
  read(name: ShadowName): Promise<Buffer>;
  /** Publishes `accepted`, `delta` and `documents`, and answers what `accepted` says. */
  update(name: ShadowName, body: Buffer): Promise<Buffer>;
  /** Publishes `accepted` and answers what it says. Only the `clientToken` of the body matters. */
  delete(name: ShadowName, body: Buffer): Promise<Buffer>;
  /** Names of the thing's named shadows, in order. */
  list(thingName: string, range: Range): Promise<{ names: string[]; next: string | undefined }>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface ShadowServiceDeps {
  readonly store: Store;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ShadowLimits;
}

export function createShadowService({ store, bus, clock, log, limits }: ShadowServiceDeps): ShadowService {
  const records = store.collection(shadowCollection);
  const rate = new RequestRate(limits.requestsPerSecond, clock);
  const turns = new Turns(limits.queue);
  const nowSeconds = (): number => Math.floor(clock.now() / 1000);

  function admit(name: ShadowName): void {
    if (!rate.take(name.thingName) || turns.isFull(recordKey(name))) throw tooManyRequests();
  }

  async function read(name: ShadowName, clientToken: string | undefined): Promise<Buffer> {
    const document = documentOf((await records.get(recordKey(name)))?.value);
    if (!document) throw missing(name);
    return toJson(getAccepted(document, nowSeconds(), clientToken));
  }

  /** Publishes; what was stored stays stored when that fails, and the request stays accepted. */
  async function announce(name: ShadowName, messages: Readonly<Record<string, object | undefined>>): Promise<void> {
    const publications = Object.entries(messages).flatMap(([suffix, body]) =>
      body ? [publishJson(bus, `${topicPrefix(name)}/${suffix}`, body)] : [],
    );
    for (const result of await Promise.allSettled(publications)) {
      if (result.status === 'rejected')
        log.error({ err: result.reason, ...name }, 'a shadow message was not published');
    }
  }

  return {
    async get(name, body) {
      admit(name);
      const clientToken = requireClientToken(body, limits);
      return turns.run(recordKey(name), () => read(name, clientToken));
    },

    read: (name) => read(name, undefined),

    async update(name, body) {
      admit(name);
      const request = parseUpdate(body, limits);
      return turns.run(recordKey(name), async () => {
        const timestamp = nowSeconds();
        const { before, after } = await change(store, records, name, (record) => {
          const previous = documentOf(record);
          const current = applyUpdate(previous, record?.version ?? 0, request, timestamp, limits);
          return {
            record: recordOf(name, current),
            outcome: { before: previous ?? { state: {}, metadata: {}, version: record?.version ?? 0 }, after: current },
          };
        });
        const accepted = updateAccepted(request, after.version, timestamp);
        const { clientToken } = request;
        await announce(name, {
          'update/accepted': accepted,
          'update/delta': deltaMessage(deltaOf(after), after.version, timestamp, clientToken),
          'update/documents': { previous: before, current: after, timestamp, clientToken },
        });
        return toJson(accepted);
      });
    },

    async delete(name, body) {
      admit(name);
      const clientToken = clientTokenOf(body, limits);
      return turns.run(recordKey(name), async () => {
        const version = await change(store, records, name, (record) => {
          const document = documentOf(record);
          if (!document) throw missing(name);
          return { record: tombstoneOf(name, document), outcome: document.version };
        });
        const accepted = { version, timestamp: nowSeconds(), clientToken };
        await announce(name, { 'delete/accepted': accepted });
        return toJson(accepted);
      });
    },

    async list(thingName, range) {
      if (!rate.take(thingName)) throw tooManyRequests();
      const page = await records.find('named', thingName, range);
      return { names: page.items.map((item) => item.value.shadowName!), next: page.next };
    },

    idle: () => turns.settled(),
  };
}

/** `$aws/things/<thing>/shadow` or `$aws/things/<thing>/shadow/name/<shadow>`. */
export function topicPrefix({ thingName, shadowName }: ShadowName): string {
  const classic = `$aws/things/${thingName}/shadow`;
  return shadowName === undefined ? classic : `${classic}/name/${shadowName}`;
}

/** At QoS 1: a subscriber that asked for it gets it so. */
export function publishJson(bus: Pick<MessageBus, 'publish'>, topic: string, body: object): Promise<void> {
  return bus.publish({ topic, payload: toJson(body), qos: 1 });
}

/** Replaces the record by what `step` makes of it, again from the start when another node was faster. */
function change<T>(
  store: Store,
  records: Collection<ShadowRecord>,
  name: ShadowName,
  step: (record: ShadowRecord | undefined) => { record: ShadowRecord; outcome: T },
): Promise<T> {
  return retryConflicts(async () => {
    const stored = await records.get(recordKey(name));
    const { record, outcome } = step(stored?.value);
    await store.commit([records.put(recordKey(name), record, { ifVersion: stored?.version ?? 0 })]);
    return outcome;
  });
}

function getAccepted(document: ShadowDocument, timestamp: number, clientToken: string | undefined): object {
  const { state, metadata, version } = document;
  return { state: { ...state, delta: deltaOf(document)?.state }, metadata, version, timestamp, clientToken };
}

function updateAccepted({ state, clientToken }: UpdateRequest, version: number, timestamp: number): object {
  return { state, metadata: stamp(state, timestamp), version, timestamp, clientToken };
}

function deltaMessage(
  delta: Delta | undefined,
  version: number,
  timestamp: number,
  clientToken: string | undefined,
): object | undefined {
  return delta && { version, timestamp, state: delta.state, metadata: delta.metadata, clientToken };
}

function missing({ thingName, shadowName }: ShadowName): ServiceError {
  return noShadow(shadowName ?? thingName);
}

function toJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
