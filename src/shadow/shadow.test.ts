import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeBus } from '../../test/support/fake-bus.ts';
import { withCommit } from '../../test/support/with-commit.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import { anonymous } from '../identity/principal.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { type Store, VersionMismatch } from '../store/store.ts';
import type { ShadowLimits } from './request-limits.ts';
import { createShadow, type Shadow } from './shadow.ts';

const START = 1_700_000_000_000;
const place = { region: 'eu-west-1', account: '123456789012' };

interface Bench {
  readonly shadow: Shadow;
  readonly bus: ReturnType<typeof fakeBus>;
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly context: RequestContext;
  /** What was authorised, as `action resource`. */
  readonly authorized: string[];
  /** Messages logged at `error`. */
  readonly errors: string[];
  /** Publishes a request and returns what each topic's suffix carried in answer. */
  request(suffix: string, body: unknown, more?: object): Promise<Record<string, unknown>>;
}

async function bench(limits: Partial<ShadowLimits> = {}, wrap = (store: Store): Store => store): Promise<Bench> {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const bus = fakeBus();
  const clock = new VirtualClock(START);
  const authorized: string[] = [];
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (_fields, message) => errors.push(message) };
  const shadow = createShadow({ store: wrap(store), bus, clock, place, log, limits });
  const context: RequestContext = {
    requestId: 'r',
    principal: anonymous,
    sourceIp: '127.0.0.1',
    authorize: async (action, resource) => {
      authorized.push(`${action} ${resource}`);
    },
  };
  return {
    shadow,
    bus,
    clock,
    store,
    context,
    authorized,
    errors,
    async request(suffix, body, more) {
      bus.published.length = 0;
      bus.send(`$aws/things/lamp/shadow/${suffix}`, body === undefined ? Buffer.alloc(0) : toBody(body), more);
      await shadow.idle();
      return answers(bus);
    },
  };
}

function toBody(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
}

/** What was published for the lamp, by the topic after `…/shadow/`. */
function answers(bus: ReturnType<typeof fakeBus>): Record<string, unknown> {
  const prefix = '$aws/things/lamp/shadow/';
  return Object.fromEntries(
    bus.published.map(({ topic, payload }) => [topic.slice(prefix.length), JSON.parse(payload.toString())]),
  );
}

const rejections: {
  title: string;
  suffix: string;
  body: unknown;
  code: number;
  message: string;
  clientToken?: string;
}[] = [
  {
    title: 'bytes that are not UTF-8',
    suffix: 'update',
    body: Buffer.from([0xff]),
    code: 415,
    message: 'Unsupported documented encoding; supported encoding is UTF-8',
  },
  { title: 'no JSON', suffix: 'update', body: Buffer.from('{'), code: 400, message: 'Invalid JSON' },
  { title: 'an empty update', suffix: 'update', body: undefined, code: 400, message: 'Invalid JSON' },
  {
    title: 'a wrong client token in a get',
    suffix: 'get',
    body: { clientToken: 'x'.repeat(65) },
    code: 400,
    message: 'Invalid clientToken',
  },
  {
    title: 'a conflict',
    suffix: 'update',
    body: { state: {}, version: 4, clientToken: 't' },
    code: 409,
    message: 'Version conflict',
    clientToken: 't',
  },
  {
    title: 'too much state',
    suffix: 'update',
    body: { state: { desired: { a: 'x'.repeat(9000) } }, clientToken: 't' },
    code: 413,
    message: 'The payload exceeds the maximum size allowed',
    clientToken: 't',
  },
  {
    title: 'a get of no shadow',
    suffix: 'get',
    body: { clientToken: 't' },
    code: 404,
    message: "No shadow exists with name: 'lamp'",
    clientToken: 't',
  },
  {
    title: 'a delete of no named shadow',
    suffix: 'name/n1/delete',
    body: { clientToken: 't' },
    code: 404,
    message: "No shadow exists with name: 'n1'",
    clientToken: 't',
  },
  { title: 'a bad shadow name', suffix: 'name/a b/get', body: undefined, code: 400, message: 'Invalid shadow name' },
];

for (const { title, suffix, body, code, message, clientToken } of rejections) {
  test(`rejects over MQTT: ${title}`, async () => {
    const { request } = await bench();
    const expected = { code, message, timestamp: START / 1000, ...(clientToken === undefined ? {} : { clientToken }) };
    assert.deepEqual(await request(suffix, body), { [`${suffix}/rejected`]: expected });
  });
}

test('a bad thing name is rejected on the topic it came by', async () => {
  const { bus, shadow } = await bench();
  bus.send('$aws/things/my lamp/shadow/get', Buffer.alloc(0));
  await shadow.idle();
  const [rejected] = bus.take('$aws/things/my lamp/shadow/get/rejected') as { message: string }[];
  assert.equal(rejected.message, 'Invalid thing name');
});

test('a get or delete whose body is no JSON is served all the same', async () => {
  const { request } = await bench();
  await request('update', { state: { reported: { a: 1 } } });
  assert.ok((await request('get', Buffer.from('hello')))['get/accepted']);
  assert.ok((await request('delete', Buffer.from([0xff])))['delete/accepted']);
});

test('a will and a message on an answer topic are not acted on', async () => {
  const { request, bus, shadow } = await bench();
  assert.deepEqual(await request('update', { state: { reported: { a: 1 } } }, { isWill: true }), {});
  bus.send('$aws/things/lamp/shadow/update/accepted', Buffer.from('{"state":{}}'));
  await shadow.idle();
  assert.deepEqual(bus.published, []);
});

test('the first update tells of an empty shadow before it, and one after a deletion goes on counting', async () => {
  const { request } = await bench();
  const first = (await request('update', { state: { reported: { a: 1 } } }))['update/documents'];
  assert.deepEqual((first as { previous: unknown }).previous, { state: {}, metadata: {}, version: 0 });
  await request('delete', undefined);
  const again = (await request('update', { state: { reported: { b: 1 } } }))['update/documents'];
  assert.deepEqual((again as { previous: unknown }).previous, { state: {}, metadata: {}, version: 2 });
  assert.equal((again as { current: { version: number } }).current.version, 3);
});

test('clearing the whole state is accepted with a null state and one timestamp, and leaves an empty shadow', async () => {
  const { request } = await bench();
  await request('update', { state: { reported: { a: 1 } } });
  const accepted = (await request('update', { state: null }))['update/accepted'];
  const timestamp = START / 1000;
  assert.deepEqual(accepted, { state: null, metadata: { timestamp }, version: 2, timestamp });
  const got = (await request('get', undefined))['get/accepted'];
  assert.deepEqual(got, { state: {}, metadata: {}, version: 2, timestamp });
});

test('long numbers and __proto__ come back from the store as they were sent', async () => {
  const { request, bus } = await bench();
  const state = '{"__proto__":{"id":12345678901234567890},"x":0.1234567890123456789}';
  await request('update', Buffer.from(`{"state":{"desired":${state}}}`));
  await request('get', undefined);
  assert.ok(
    bus.published[0].payload.toString().startsWith(`{"state":{"desired":${state},"delta":${state}},"metadata":`),
  );
});

test('more than ten requests under way for a thing on one connection are rejected, other connections are served', async () => {
  const { bus, shadow } = await bench({ requestsPerSecond: 100 });
  const publisher = { clientId: 'other', principal: 'p', sourceIp: '127.0.0.1', protocol: 'MQTT' };
  for (let i = 0; i < 12; i++) {
    bus.send('$aws/things/lamp/shadow/update', Buffer.from(`{"state":{"reported":{"n":${i}}},"clientToken":"t${i}"}`));
  }
  bus.send('$aws/things/lamp/shadow/get', Buffer.alloc(0), { publisher } as object);
  bus.send('$aws/things/lantern/shadow/update', Buffer.from('{"state":{}}'));
  await shadow.idle();
  const topics = bus.published.map((publication) => publication.topic);
  assert.equal(topics.filter((topic) => topic === '$aws/things/lamp/shadow/update/accepted').length, 10);
  assert.ok(topics.includes('$aws/things/lamp/shadow/get/accepted'));
  assert.ok(topics.includes('$aws/things/lantern/shadow/update/accepted'));
  const rejected = bus.take('$aws/things/lamp/shadow/update/rejected');
  const timestamp = START / 1000;
  assert.deepEqual(
    rejected,
    ['t10', 't11'].map((clientToken) => ({ code: 429, message: 'Too many requests', timestamp, clientToken })),
  );
  bus.send('$aws/things/lamp/shadow/get', Buffer.alloc(0));
  await shadow.idle();
  assert.equal(bus.take('$aws/things/lamp/shadow/get/accepted').length, 1);
});

test('more than twenty requests a second for a thing are rejected, over both protocols, until time has passed', async () => {
  const { request, shadow, clock, context } = await bench();
  await request('update', { state: { reported: { a: 1 } } });
  for (let i = 0; i < 19; i++) assert.ok((await request('get', undefined))['get/accepted']);
  assert.ok((await request('name/n/get', undefined))['name/n/get/rejected']);
  const throttled = { code: 'ThrottlingException', message: 'Too many requests' };
  await assert.rejects(shadow.operations.getThingShadow({ thingName: 'lamp' }, context), throttled);
  await assert.rejects(shadow.operations.listNamedShadowsForThing({ thingName: 'lamp' }, context), throttled);
  await clock.advance(50);
  assert.ok((await request('get', undefined))['get/accepted']);
  assert.ok((await request('get', undefined))['get/rejected']);
});

test('a shadow takes no more requests than its queue holds', async () => {
  const { bus, shadow } = await bench({ queue: 3 });
  for (let i = 0; i < 5; i++) bus.send('$aws/things/lamp/shadow/update', Buffer.from('{"state":{}}'));
  await shadow.idle();
  assert.equal(bus.published.filter(({ topic }) => topic.endsWith('/rejected')).length, 2);
});

test('updates of one shadow that come at once are all applied, in the order they came', async () => {
  const { bus, shadow, request } = await bench({ requestsPerSecond: 100, inFlight: 100 });
  for (let i = 0; i < 50; i++) {
    bus.send('$aws/things/lamp/shadow/update', Buffer.from(`{"state":{"reported":{"k${i % 7}":${i}}}}`));
  }
  await shadow.idle();
  const accepted = bus.take('$aws/things/lamp/shadow/update/accepted') as { version: number }[];
  assert.deepEqual(
    accepted.map(({ version }) => version),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  const got = (await request('get', undefined))['get/accepted'] as { state: { reported: unknown } };
  assert.deepEqual(got.state.reported, { k0: 49, k1: 43, k2: 44, k3: 45, k4: 46, k5: 47, k6: 48 });
});

test('nothing is announced before the store has committed', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { bus, shadow } = await bench({}, (store) =>
    withCommit(store, async (writes) => {
      await gate;
      await store.commit(writes);
    }),
  );
  bus.send('$aws/things/lamp/shadow/update', Buffer.from('{"state":{"desired":{"a":1}}}'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(bus.published, []);
  release();
  await shadow.idle();
  assert.equal(bus.published.length, 3);
});

test("another node's write in between is met by reading again", async () => {
  let failures = 2;
  const { request } = await bench({}, (store) =>
    withCommit(store, async (writes) => {
      if (failures-- > 0) throw new VersionMismatch('shadow', 'lamp/');
      await store.commit(writes);
    }),
  );
  assert.ok((await request('update', { state: { desired: { a: 1 } } }))['update/accepted']);
});

test('a store that fails or never lets a write win is an internal failure, logged and answered', async () => {
  for (const failure of [new Error('disk full'), new VersionMismatch('shadow', 'lamp/')]) {
    const { request, errors, shadow, context } = await bench({}, (store) =>
      withCommit(store, () => Promise.reject(failure)),
    );
    const rejected = await request('update', { state: {}, clientToken: 't' });
    const timestamp = START / 1000;
    const expected = { code: 500, message: 'Internal service failure', timestamp, clientToken: 't' };
    assert.deepEqual(rejected, { 'update/rejected': expected });
    assert.deepEqual(errors, ['shadow update failed']);
    await assert.rejects(
      shadow.operations.updateThingShadow({ thingName: 'lamp', payload: toBody({ state: {} }) }, context),
    );
  }
});

test('an update stays accepted over HTTP when its messages cannot be published', async () => {
  const { bus, shadow, context, errors } = await bench();
  bus.failure = new Error('broker is closing');
  await shadow.operations.updateThingShadow({ thingName: 'lamp', payload: toBody({ state: {} }) }, context);
  assert.ok((await shadow.operations.getThingShadow({ thingName: 'lamp' }, context)).payload);
  assert.deepEqual(errors, ['a shadow message was not published', 'a shadow message was not published']);
  bus.send('$aws/things/lamp/shadow/get', Buffer.alloc(0));
  await shadow.idle();
  assert.equal(errors.at(-1), 'a shadow rejection was not published');
});

test('HTTP updates answer as MQTT does and tell the subscribers too', async () => {
  const { shadow, bus, context, authorized } = await bench();
  const payload = toBody({ state: { desired: { a: 1 } }, clientToken: 'h1' });
  const answer = await shadow.operations.updateThingShadow({ thingName: 'lamp', shadowName: 'n1', payload }, context);
  const timestamp = START / 1000;
  const accepted = {
    state: { desired: { a: 1 } },
    metadata: { desired: { a: { timestamp } } },
    version: 1,
    timestamp,
    clientToken: 'h1',
  };
  assert.deepEqual(JSON.parse(answer.payload!.toString()), accepted);
  assert.deepEqual(authorized, ['iot:UpdateThingShadow arn:aws:iot:eu-west-1:123456789012:thing/lamp/n1']);
  const said = answers(bus);
  assert.deepEqual(said['name/n1/update/accepted'], accepted);
  assert.deepEqual(Object.keys(said).sort(), [
    'name/n1/update/accepted',
    'name/n1/update/delta',
    'name/n1/update/documents',
  ]);
});

test('HTTP gets and deletes answer with the document and the version', async () => {
  const { shadow, bus, context, authorized, request } = await bench();
  await request('update', { state: { reported: { a: 1 } } });
  const got = await shadow.operations.getThingShadow({ thingName: 'lamp' }, context);
  assert.deepEqual(JSON.parse(got.payload!.toString()).state, { reported: { a: 1 } });
  bus.published.length = 0;
  const deleted = await shadow.operations.deleteThingShadow({ thingName: 'lamp' }, context);
  assert.deepEqual(JSON.parse(deleted.payload.toString()), { version: 1, timestamp: START / 1000 });
  assert.deepEqual(answers(bus), { 'delete/accepted': { version: 1, timestamp: START / 1000 } });
  const thing = 'arn:aws:iot:eu-west-1:123456789012:thing/lamp';
  assert.deepEqual(authorized, [`iot:GetThingShadow ${thing}`, `iot:DeleteThingShadow ${thing}`]);
});

test('HTTP errors carry the document members and publish nothing', async () => {
  const { shadow, bus, context } = await bench();
  const timestamp = START / 1000;
  const payload = toBody({ state: {}, version: 9, clientToken: 'h2' });
  await assert.rejects(shadow.operations.updateThingShadow({ thingName: 'lamp', payload }, context), {
    code: 'ConflictException',
    message: 'Version conflict',
    fields: { code: 409, timestamp, clientToken: 'h2' },
  });
  const missing = {
    code: 'ResourceNotFoundException',
    message: "No shadow exists with name: 'n'",
    fields: { code: 404, timestamp },
  };
  await assert.rejects(shadow.operations.getThingShadow({ thingName: 'lamp', shadowName: 'n' }, context), missing);
  await assert.rejects(shadow.operations.deleteThingShadow({ thingName: 'lamp', shadowName: 'n' }, context), missing);
  assert.deepEqual(bus.published, []);
});

test('whoever is not authorised learns and changes nothing', async () => {
  const { shadow, context, request } = await bench();
  const forbidden = new ServiceError('ForbiddenException', 'Forbidden');
  const refused = { ...context, authorize: () => Promise.reject(forbidden) };
  const { operations } = shadow;
  await assert.rejects(
    operations.updateThingShadow({ thingName: 'lamp', payload: toBody({ state: {} }) }, refused),
    forbidden,
  );
  await assert.rejects(operations.getThingShadow({ thingName: 'lamp' }, refused), forbidden);
  await assert.rejects(operations.deleteThingShadow({ thingName: 'lamp' }, refused), forbidden);
  await assert.rejects(operations.listNamedShadowsForThing({ thingName: 'lamp' }, refused), forbidden);
  assert.ok((await request('get', undefined))['get/rejected']);
});

test('named shadows are listed in pages, without the classic one and the deleted ones', async () => {
  const { shadow, context, request, authorized } = await bench({ requestsPerSecond: 100 });
  const list = (input: object) => shadow.operations.listNamedShadowsForThing({ thingName: 'lamp', ...input }, context);
  const timestamp = START / 1000;
  assert.deepEqual(await list({}), { results: [], timestamp });
  await request('update', { state: {} });
  for (const name of ['c', 'a', 'gone', 'b']) await request(`name/${name}/update`, { state: {} });
  await request('name/gone/delete', undefined);
  const first = await list({ pageSize: 2 });
  assert.deepEqual(first.results, ['a', 'b']);
  const { nextToken } = first;
  assert.deepEqual(await list({ pageSize: 2, nextToken }), { results: ['c'], timestamp });
  assert.deepEqual(authorized.at(-1), 'iot:ListNamedShadowsForThing arn:aws:iot:eu-west-1:123456789012:thing/lamp');
  for (const bad of ['x', '', nextToken!.slice(1)]) {
    await assert.rejects(list({ nextToken: bad }), { code: 'InvalidRequestException' });
  }
  await assert.rejects(shadow.operations.listNamedShadowsForThing({ thingName: 'other', nextToken }, context), {
    code: 'InvalidRequestException',
  });
});

test('other parts of the platform read a shadow as a get answers it, whatever the limits', async () => {
  const { shadow, request } = await bench({ requestsPerSecond: 2 });
  await request('name/n/update', { state: { desired: { a: 1 } } });
  const got = (await request('name/n/get', undefined))['name/n/get/accepted'];
  assert.deepEqual(JSON.parse(await shadow.read('lamp', 'n')), got);
  await assert.rejects(shadow.read('lamp'), { code: 'ResourceNotFoundException' });
});

test('after stop no request is heard', async () => {
  const { shadow, request } = await bench();
  shadow.stop();
  assert.deepEqual(await request('get', undefined), {});
});
