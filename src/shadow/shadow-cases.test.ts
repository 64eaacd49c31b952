/** The 82 worked transitions of shadow.md section 9, against the pure core and through the MQTT face. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeBus } from '../../test/support/fake-bus.ts';
import { assertMembers, bodyOf, cases, type Step, timestampAt } from '../../test/support/shadow-cases.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { defaultShadowLimits as limits } from './request-limits.ts';
import { createShadow } from './shadow.ts';
import { applyUpdate, deltaOf, parseUpdate, type ShadowDocument, stamp } from './shadow-document.ts';
import { errorDocument, noShadow } from './shadow-error.ts';

test('there are 82 cases', () => {
  assert.equal(cases.length, 82);
});

for (const { id, steps } of cases) {
  test(`core: ${id}`, () => {
    const shadows = new Map<string, CoreShadow>();
    for (const [index, step] of steps.entries()) {
      const name = step.shadow ?? '';
      const shadow = shadows.get(name) ?? { version: 0, document: undefined };
      shadows.set(name, checkStep(shadow, step, index + 1));
    }
  });
}

interface CoreShadow {
  readonly version: number;
  readonly document: ShadowDocument | undefined;
}

/** What the core makes of a step. What only a message has (its token, the error document) the MQTT run checks. */
function checkStep(shadow: CoreShadow, step: Step, nowSeconds: number): CoreShadow {
  const { expect } = step;
  const { clientToken: _token, ...expected } = { ...expect.document } as Record<string, unknown>;
  if (step.op !== 'update') {
    if (expect.rejected) {
      assert.equal(shadow.document, undefined);
      assertMembers(errorDocument(noShadow(step.shadow ?? 'T'), nowSeconds, undefined), expected, 'T');
      return shadow;
    }
    const { document } = shadow;
    assert.ok(document);
    if (step.op === 'delete') {
      assertMembers({ version: document.version, timestamp: nowSeconds }, expected, 'T');
      return { version: document.version + 1, document: undefined };
    }
    const delta = deltaOf(document)?.state;
    const state = delta ? { ...document.state, delta } : document.state;
    assertMembers(plain({ ...document, state, timestamp: nowSeconds }), expected, 'T');
    return shadow;
  }
  const update = (): ShadowDocument =>
    applyUpdate(shadow.document, shadow.version, parseUpdate(bodyOf(step), limits), nowSeconds, limits);
  if (expect.rejected) {
    let failure: unknown;
    assert.throws(update, (error) => {
      failure = error;
      return true;
    });
    assertMembers(errorDocument(failure, nowSeconds, undefined), expected, 'T');
    return shadow;
  }
  const document = update();
  const { state } = parseUpdate(bodyOf(step), limits);
  assertMembers(
    plain({ state, metadata: stamp(state, nowSeconds), version: document.version, timestamp: nowSeconds }),
    expected,
    'T',
  );
  const delta = deltaOf(document);
  if (expect.delta === null) assert.equal(delta, undefined);
  if (expect.delta) {
    const { clientToken: _, ...wanted } = expect.delta as Record<string, unknown>;
    assertMembers(plain({ ...delta, version: document.version, timestamp: nowSeconds }), wanted, 'T');
  }
  if (expect.documents) {
    const { clientToken: _, ...wanted } = expect.documents as Record<string, unknown>;
    assertMembers(plain({ previous: shadow.document, current: document, timestamp: nowSeconds }), wanted, 'T');
  }
  for (const path of expect.touched ?? []) assert.equal(timestampAt(document.metadata, path), nowSeconds, path);
  for (const path of expect.kept ?? []) {
    assert.equal(timestampAt(document.metadata, path), timestampAt(shadow.document?.metadata, path), path);
  }
  return { version: document.version, document };
}

/** As a client reads it: through JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('through MQTT', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const bus = fakeBus();
  const clock = new VirtualClock(1_700_000_000_000);
  const place = { region: 'us-east-1', account: '000000000000' };
  const shadow = createShadow({ store, bus, clock, place, log: silentLog });
  let topicsSeen: string[] = [];

  /** Sends a request and returns the payloads published in answer, by the topic's suffix. */
  async function request(
    thing: string,
    step: Pick<Step, 'op' | 'shadow'>,
    body: Buffer,
  ): Promise<Map<string, unknown>> {
    await clock.advance(1000);
    const prefix = `$aws/things/${thing}/shadow${step.shadow === undefined ? '' : `/name/${step.shadow}`}`;
    bus.published.length = 0;
    bus.send(`${prefix}/${step.op}`, body);
    await shadow.idle();
    topicsSeen = bus.published.map((publication) => publication.topic);
    for (const publication of bus.published) assert.equal(publication.qos, 1);
    return new Map(
      bus.published.map(({ topic, payload }) => {
        assert.ok(topic.startsWith(`${prefix}/`), topic);
        return [topic.slice(prefix.length + 1), JSON.parse(payload.toString())];
      }),
    );
  }

  for (const [number, { id, steps }] of cases.entries()) {
    await t.test(id, async () => {
      const thing = `thing-${number}`;
      for (const step of steps) {
        const { expect } = step;
        const before = await request(thing, { op: 'get', shadow: step.shadow }, Buffer.alloc(0));
        const answers = await request(thing, step, bodyOf(step));
        const outcome = expect.accepted ? 'accepted' : 'rejected';
        const other = expect.accepted ? 'rejected' : 'accepted';
        assert.ok(answers.has(`${step.op}/${outcome}`), topicsSeen.join());
        assert.ok(!answers.has(`${step.op}/${other}`));
        if (expect.document) assertMembers(answers.get(`${step.op}/${outcome}`), expect.document, thing);
        for (const kind of ['delta', 'documents'] as const) {
          const message = answers.get(`update/${kind}`);
          if (expect[kind] === null) assert.equal(message, undefined);
          else if (expect[kind]) assertMembers(message, expect[kind], thing);
        }
        if (expect.touched || expect.kept) {
          const old = (before.get('get/accepted') as { metadata: unknown }).metadata;
          const now = Math.floor(clock.now() / 1000);
          const after = await request(thing, { op: 'get', shadow: step.shadow }, Buffer.alloc(0));
          const { metadata } = after.get('get/accepted') as { metadata: unknown };
          for (const path of expect.touched ?? []) assert.equal(timestampAt(metadata, path), now, path);
          for (const path of expect.kept ?? []) assert.equal(timestampAt(metadata, path), timestampAt(old, path), path);
        }
      }
    });
  }

  shadow.stop();
  await store.close();
});
