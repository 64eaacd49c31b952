/** Identity and registry on a store in memory, as provisioning finds them. For tests alone. */
import type { IotOperations } from '../../src/api/generated/iot.ts';
import type { RequestContext } from '../../src/api/operation.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { RepeatedWarnings } from '../../src/base/repeated-warnings.ts';
import type { Publication, Publisher } from '../../src/broker/message.ts';
import { createFunctions } from '../../src/functions/functions.ts';
import {
  createIdentity,
  createSecretBox,
  type Identity,
  memoryKeyFiles,
  openKeyMaterial,
} from '../../src/identity/identity.ts';
import { anonymous } from '../../src/identity/principal.ts';
import { createProvisioning, type Provisioning, type ProvisioningDeps } from '../../src/provisioning/provisioning.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeBus } from './fake-bus.ts';

export const place = { region: 'us-east-1', account: '000000000000' };

export const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

export type Operations = Identity['operations'] & ReturnType<typeof createRegistry>['operations'];

/** The operations without their context. */
export type Calls = {
  [K in keyof Operations]: (input: Parameters<Operations[K]>[0]) => ReturnType<Operations[K]>;
};

export interface ProvisioningBench {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly random: ReturnType<typeof seededRandom>;
  readonly identity: Identity;
  readonly operations: Operations;
  readonly call: Calls;
  /** What there is: names of things and policies, ids and statuses of certificates. */
  inventory(): Promise<{ things: string[]; policies: string[]; certificates: string[] }>;
}

export async function provisioningBench(): Promise<ProvisioningBench> {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const clock = new VirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const random = seededRandom(11);
  const base = { store, clock, random, place, log: silentLog };
  const keyMaterial = await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] });
  const registry = createRegistry({
    ...base,
    principals: { exists: (arn) => identity.exists(arn) },
    groupPolicies: {
      hasPolicies: (arn) => identity.policyTargets.hasPolicies(arn),
      detachAll: (arn) => identity.policyTargets.detachAll(arn),
    },
    taggable: {},
    publish: async () => {},
  });
  const { directory: things, tagsFor } = registry;
  const functions = createFunctions(base);
  const identity = await createIdentity({
    ...base,
    wallClock: clock,
    warnings: new RepeatedWarnings(silentLog, clock),
    functions,
    secrets: createSecretBox(undefined, random),
    keyMaterial,
    things,
    tagsFor,
    publish: async () => {},
    host: 'localhost',
  });
  const operations: Operations = { ...identity.operations, ...registry.operations };
  const call = callsOf(operations);
  return {
    store,
    clock,
    random,
    identity,
    operations,
    call,
    async inventory() {
      const { things = [] } = await call.listThings({});
      const { policies = [] } = await call.listPolicies({});
      const { certificates = [] } = await call.listCertificates({});
      return {
        things: things.map(({ thingName }) => thingName as string),
        policies: policies.map(({ policyName }) => policyName as string),
        certificates: certificates.map(({ certificateId, status }) => `${certificateId} ${status}`),
      };
    },
  };
}

/** Provisioning on a bench, with a bus that keeps what is delivered to clients. */
export interface ProvisioningWorld extends ProvisioningBench {
  readonly provisioning: Provisioning;
  readonly api: ProvisioningCalls;
  /** A client publishes; resolves when it was answered, with the last level of the answer's topic and its payload. */
  ask(topic: string, payload: Buffer | string | object, more?: Partial<Publisher>): Promise<[string, Buffer]>;
  /** The same in JSON. */
  askJson(topic: string, payload: object | string, more?: Partial<Publisher>): Promise<[string, Record<string, never>]>;
  readonly delivered: { clientId: string; publication: Publication }[];
}

type ProvisioningCalls = {
  [K in keyof Provisioning['operations']]: (
    input: Parameters<Provisioning['operations'][K]>[0],
  ) => ReturnType<Provisioning['operations'][K]>;
};

export async function provisioningWorld(more: Partial<ProvisioningDeps> = {}): Promise<ProvisioningWorld> {
  const bench = await provisioningBench();
  const bus = fakeBus();
  const delivered: ProvisioningWorld['delivered'] = [];
  const provisioning = createProvisioning({
    ...bench,
    log: silentLog,
    place,
    bus: {
      listen: (filter, listener) => bus.listen(filter, listener),
      deliverTo: async (clientId, publication) => delivered.push({ clientId, publication }) > 0,
    },
    resources: bench.operations,
    issuing: bench.identity.issuing,
    baseUrl: () => 'http://localhost:4000',
    ...more,
  });
  await provisioning.start();
  const world: ProvisioningWorld = {
    ...bench,
    provisioning,
    api: callsOf(provisioning.operations) as unknown as ProvisioningCalls,
    delivered,
    async ask(topic, payload, publisher = {}) {
      const bytes = Buffer.isBuffer(payload)
        ? payload
        : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
      const from = {
        clientId: 'device',
        principal: 'claim',
        sourceIp: '127.0.0.1',
        protocol: 'MQTT',
        ...publisher,
      } as const;
      delivered.length = 0;
      bus.send(topic, bytes, { publisher: from });
      await provisioning.idle();
      const [{ publication }] = delivered;
      return [publication.topic.slice(topic.length + 1), publication.payload];
    },
    async askJson(topic, payload, publisher) {
      const [outcome, answer] = await world.ask(topic, payload, publisher);
      return [outcome, JSON.parse(String(answer))];
    },
  };
  return world;
}

export function callsOf(operations: Partial<IotOperations>): Calls {
  const calls = Object.entries(operations).map(([name, handler]) => [
    name,
    (input: never) => (handler as (input: never, context: RequestContext) => Promise<unknown>)(input, context),
  ]);
  return Object.fromEntries(calls) as Calls;
}
