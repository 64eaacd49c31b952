// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitution templates look like that
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, TopicRulePayload } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import type { Message, MessageBus, Publication } from '../broker/message.ts';
import { anonymous } from '../identity/principal.ts';
import { matches } from '../mqtt/mqtt.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { ActionFailure, type ActionKind, type Invocation } from './actions/action.ts';
import { createRules, type Rules, type RulesDeps } from './rules.ts';

const roleArn = 'arn:aws:iam::000000000000:role/rules';
const startMs = 1_700_000_000_000;

/** A bus of one turn: what is published reaches the listeners at once, with the hops it carries. */
class FakeBus implements MessageBus {
  readonly published: Publication[] = [];
  readonly #listeners = new Set<{ filter: string; listener: (message: Message) => void }>();

  async publish(publication: Publication): Promise<void> {
    this.published.push(publication);
    this.deliver({ qos: 0, retain: false, timestamp: startMs, ...publication });
  }

  listen(filter: string, listener: (message: Message) => void): () => void {
    const entry = { filter, listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  deliver(message: Message): void {
    for (const { filter, listener } of this.#listeners) {
      if (matches(filter, message.topic, { parentMatch: false })) listener(message);
    }
  }

  get topics(): readonly string[] {
    return this.published.map(({ topic }) => topic);
  }
}

/** An action that keeps what it was asked to do, and fails where its topic says so. */
function recorder(): { kind: ActionKind<'sqs'>; done: Invocation[] } {
  const done: Invocation[] = [];
  return {
    done,
    kind: {
      name: 'sqs',
      label: 'SqsAction',
      prepare: ({ queueUrl }) => ({
        perform: async (invocation) => {
          if (queueUrl === 'broken') throw new ActionFailure(queueUrl, 'Failed to send SQS message.');
          done.push(invocation);
        },
      }),
    },
  };
}

interface Fixture {
  readonly rules: Rules;
  readonly bus: FakeBus;
  readonly store: Store;
  readonly authorized: string[];
  readonly context: RequestContext;
  readonly done: Invocation[];
  readonly logged: string[];
  create(ruleName: string, payload: Partial<TopicRulePayload>): Promise<unknown>;
  /** A message of a device; resolves when everything it set off is done. */
  send(topic: string, payload: string | Buffer, more?: Partial<Message>): Promise<void>;
}

async function fixture(more: Partial<RulesDeps> = {}): Promise<Fixture> {
  const bus = new FakeBus();
  const store = more.store ?? (await openSqliteStore({ file: ':memory:', log: silentLog }));
  const { kind, done } = recorder();
  const authorized: string[] = [];
  const logged: string[] = [];
  const keep = (_: object, text: string): void => void logged.push(text);
  const log: Log = { ...silentLog, warn: keep, error: keep };
  const deps = { store, bus, clock: new VirtualClock(startMs), random: seededRandom(1), log, actions: [kind] };
  const rules = createRules({ ...deps, place: { region: 'us-east-1', account: '000000000000' }, ...more });
  await rules.start();
  const context: RequestContext = {
    requestId: 'r',
    principal: anonymous,
    sourceIp: '127.0.0.1',
    authorize: async (action, resource) => void authorized.push(`${action} ${resource}`),
  };
  return {
    rules,
    bus,
    store,
    authorized,
    context,
    done,
    logged,
    create: (ruleName, payload) =>
      rules.operations.createTopicRule(
        { ruleName, topicRulePayload: { sql: "SELECT * FROM 'in/#'", actions: [], ...payload } },
        context,
      ),
    send: async (topic, payload, rest = {}) => {
      bus.deliver(messageOf(topic, payload, rest));
      for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function messageOf(topic: string, payload: string | Buffer, more: Partial<Message> = {}): Message {
  return {
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    retain: false,
    timestamp: startMs,
    publisher: { clientId: 'lamp', principal: 'p', sourceIp: '10.0.0.1', protocol: 'MQTT' },
    ...more,
  };
}

function republishTo(topic: string, more: Partial<NonNullable<Action['republish']>> = {}): Action {
  return { republish: { topic, roleArn, ...more } };
}

const toQueue = (queueUrl: string): Action => ({ sqs: { queueUrl, roleArn } });

test('a created rule can be read back with the defaults of the API', async () => {
  const { rules, create, context, authorized } = await fixture();
  await create('r1', { actions: [republishTo('out')], description: 'd' });
  assert.deepEqual(await rules.operations.getTopicRule({ ruleName: 'r1' }, context), {
    ruleArn: 'arn:aws:iot:us-east-1:000000000000:rule/r1',
    rule: {
      ruleName: 'r1',
      sql: "SELECT * FROM 'in/#'",
      description: 'd',
      createdAt: new Date(startMs),
      actions: [republishTo('out')],
      ruleDisabled: false,
      awsIotSqlVersion: '2015-10-08',
    },
  });
  assert.deepEqual(authorized, [`iam:PassRole ${roleArn}`]);
});

test('a rule that does not exist is refused as AWS does', async () => {
  const { rules, context } = await fixture();
  const { operations } = rules;
  const topicRulePayload = { sql: "SELECT * FROM 'a'", actions: [] };
  const denied = { code: 'UnauthorizedException', message: "Access to topic rule 'none' was denied" };
  await assert.rejects(operations.getTopicRule({ ruleName: 'none' }, context), denied);
  await assert.rejects(operations.replaceTopicRule({ ruleName: 'none', topicRulePayload }, context), denied);
  await assert.rejects(operations.deleteTopicRule({ ruleName: 'none' }, context), denied);
  await assert.rejects(operations.enableTopicRule({ ruleName: 'none' }, context), denied);
  await assert.rejects(operations.disableTopicRule({ ruleName: 'none' }, context), denied);
});

const refused: readonly (readonly [what: string, payload: Partial<TopicRulePayload>, code: string, message: RegExp])[] =
  [
    ['SQL with a mistake', { sql: 'SELECT' }, 'SqlParseException', /line 1/],
    ['an unknown SQL version', { awsIotSqlVersion: '2020-01-01' }, 'InvalidRequestException', /awsIotSqlVersion/],
    [
      'a filter with a misplaced wildcard',
      { sql: "SELECT * FROM 'a/#/b'" },
      'InvalidRequestException',
      /not a topic filter/,
    ],
    [
      'a filter too long to match a topic',
      { sql: `SELECT * FROM '${'a'.repeat(257)}'` },
      'InvalidRequestException',
      /longer than 256/,
    ],
    ['a filter of Basic Ingest', { sql: "SELECT * FROM '$aws/rules/x'" }, 'InvalidRequestException', /Basic Ingest/],
    ['an action without a member', { actions: [{}] }, 'InvalidRequestException', /exactly one/],
    [
      'an action with two members',
      { actions: [{ ...republishTo('a'), ...toQueue('q') }] },
      'InvalidRequestException',
      /exactly one/,
    ],
    [
      'an action that is not built',
      { actions: [{ lambda: { functionArn: 'f' } }] },
      'InvalidRequestException',
      /lambda is not available/,
    ],
    [
      'an error action that is not built',
      { errorAction: { lambda: { functionArn: 'f' } } },
      'InvalidRequestException',
      /lambda/,
    ],
    [
      'a template with a mistake',
      { actions: [republishTo('a/${topic(')] },
      'InvalidRequestException',
      /republish\.topic/,
    ],
    ['a topic with a wildcard', { actions: [republishTo('a/+')] }, 'InvalidRequestException', /topic/],
    [
      'a reserved topic of jobs',
      { actions: [republishTo('$$aws/things/t/jobs/x')] },
      'InvalidRequestException',
      /jobs/,
    ],
    [
      'a header with a mistake',
      { actions: [republishTo('a', { headers: { messageExpiry: 'soon' } })] },
      'InvalidRequestException',
      /messageExpiry/,
    ],
    [
      'more than ten actions',
      { actions: Array.from({ length: 11 }, () => republishTo('a')) },
      'InvalidRequestException',
      /at most 10/,
    ],
  ];
for (const [what, payload, code, message] of refused) {
  test(`a rule with ${what} is refused and not stored`, async () => {
    const { rules, create, context } = await fixture();
    await assert.rejects(
      create('bad', payload),
      (error) => error instanceof ServiceError && error.code === code && message.test(error.message),
    );
    assert.deepEqual(await rules.operations.listTopicRules({}, context), { rules: [] });
  });
}

test('tags are refused where nobody keeps them, and kept where somebody does', async () => {
  const { rules, context } = await fixture();
  const input = { ruleName: 'r', tags: 'a=1&b=x%20y', topicRulePayload: { sql: "SELECT * FROM 'a'", actions: [] } };
  await assert.rejects(rules.operations.createTopicRule(input, context), { code: 'InvalidRequestException' });
  const kept: unknown[] = [];
  const put = (arn: string, pairs: unknown): [] => {
    kept.push([arn, pairs]);
    return [];
  };
  const tags = { put, removeAll: () => [] };
  const other = await fixture({ tags });
  await other.rules.operations.createTopicRule(input, context);
  assert.deepEqual(kept, [
    [
      'arn:aws:iot:us-east-1:000000000000:rule/r',
      [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: 'x y' },
      ],
    ],
  ]);
});

test('a name can be used once', async () => {
  const { create } = await fixture();
  await create('r', {});
  await assert.rejects(create('r', {}), { code: 'ResourceAlreadyExistsException' });
});

test('replacing returns absent members to their defaults and keeps the date of creation', async () => {
  const { rules, create, context, bus, send } = await fixture();
  await create('r', { actions: [republishTo('old')], description: 'd', awsIotSqlVersion: '2016-03-23' });
  const topicRulePayload = { sql: "SELECT a FROM 'in/#'", actions: [republishTo('new')] };
  await rules.operations.replaceTopicRule({ ruleName: 'r', topicRulePayload }, context);
  const { rule } = await rules.operations.getTopicRule({ ruleName: 'r' }, context);
  assert.equal(rule?.description, undefined);
  assert.equal(rule?.awsIotSqlVersion, '2015-10-08');
  assert.deepEqual(rule?.createdAt, new Date(startMs));
  await send('in/x', '{"a":1,"b":2}');
  assert.deepEqual(bus.published, [{ topic: 'new', payload: Buffer.from('{"a":1}'), qos: 0, hops: 1 }]);
});

test('two changes of a rule at the same time: one is told of the conflict', async () => {
  const { rules, create, context } = await fixture();
  await create('r', {});
  const topicRulePayload = { sql: "SELECT * FROM 'a'", actions: [] };
  const both = [0, 1].map(() => rules.operations.replaceTopicRule({ ruleName: 'r', topicRulePayload }, context));
  const outcomes = await Promise.allSettled(both);
  const conflicts = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.code);
  assert.deepEqual(conflicts, ['ConflictingResourceUpdateException']);
});

test('the list pages, and filters by topic and by whether rules are disabled', async () => {
  const { rules, create, context } = await fixture();
  for (const name of ['a', 'b', 'c', 'd']) {
    await create(name, { sql: `SELECT * FROM '${name < 'c' ? 'x' : 'y'}'`, ruleDisabled: name === 'b' });
  }
  const names = async (input: Parameters<typeof rules.operations.listTopicRules>[0]): Promise<string> => {
    const { rules: found = [], nextToken } = await rules.operations.listTopicRules(input, context);
    return `${found.map(({ ruleName }) => ruleName).join()}${nextToken === undefined ? '' : `+${await names({ ...input, nextToken })}`}`;
  };
  assert.equal(await names({}), 'a,b,c,d');
  assert.equal(await names({ maxResults: 2 }).then((text) => text.replace(/\+$/, '')), 'a,b+c,d');
  assert.equal(await names({ topic: 'y' }), 'c,d');
  assert.equal(await names({ ruleDisabled: true }), 'b');
  assert.equal(await names({ ruleDisabled: false, maxResults: 3 }).then((text) => text.replace(/\+$/, '')), 'a,c,d');
  assert.equal(await names({ topic: 'x', ruleDisabled: false }), 'a');
  const { rules: [first] = [] } = await rules.operations.listTopicRules({ maxResults: 1 }, context);
  assert.deepEqual(first, {
    ruleArn: 'arn:aws:iot:us-east-1:000000000000:rule/a',
    ruleName: 'a',
    topicPattern: 'x',
    createdAt: new Date(startMs),
    ruleDisabled: false,
  });
});

test('a disabled or deleted rule does nothing, an enabled one works again', async () => {
  const { rules, create, context, bus, send } = await fixture();
  await create('r', { actions: [republishTo('out')], ruleDisabled: true });
  await send('in/1', '1');
  await rules.operations.enableTopicRule({ ruleName: 'r' }, context);
  await send('in/2', '2');
  await rules.operations.disableTopicRule({ ruleName: 'r' }, context);
  await send('in/3', '3');
  await rules.operations.enableTopicRule({ ruleName: 'r' }, context);
  await rules.operations.deleteTopicRule({ ruleName: 'r' }, context);
  await send('in/4', '4');
  assert.deepEqual(
    bus.published.map(({ payload }) => payload.toString()),
    ['2'],
  );
});

test('stored rules work after a restart; one that cannot run any more is logged and in nobody’s way', async () => {
  const before = await fixture();
  await before.create('a', { actions: [toQueue('q')] });
  await before.create('b', { actions: [republishTo('out')] });
  await before.rules.stop();
  await before.send('in/x', '1');
  assert.deepEqual(before.bus.topics, []);
  const after = await fixture({ store: before.store, actions: [] });
  await after.send('in/x', '{}');
  assert.deepEqual(after.bus.topics, ['out']);
  assert.deepEqual(after.logged, ['rule cannot run: replace or delete it']);
});

test('republish fills its templates from the incoming message and sets headers', async () => {
  const { create, bus, send } = await fixture();
  const headers = {
    payloadFormatIndicator: 'UTF8_DATA',
    contentType: '${format}',
    responseTopic: 'r/${clientid()}',
    correlationData: 'Y2lk',
    messageExpiry: '${2 * 30}',
    userProperties: [{ key: 'k-${topic(2)}', value: '${timestamp()}' }],
  };
  await create('r', {
    sql: "SELECT n AS m FROM 'in/#' WHERE n > 1",
    actions: [republishTo('$$aws/things/${topic(2)}/shadow/update', { qos: 1, headers })],
  });
  await send('in/t1', '{"n":2,"format":"text/plain"}');
  await send('in/t1', '{"n":1}');
  assert.deepEqual(bus.published, [
    {
      topic: '$aws/things/t1/shadow/update',
      payload: Buffer.from('{"m":2}'),
      qos: 1,
      hops: 1,
      properties: {
        payloadFormatIndicator: 1,
        contentType: 'text/plain',
        responseTopic: 'r/lamp',
        correlationData: Buffer.from('cid'),
        messageExpiryInterval: 60,
        userProperties: [['k-t1', String(startMs)]],
      },
    },
  ]);
});

test('a payload that is not JSON passes through SELECT * unchanged, even when the broker reuses its bytes', async () => {
  const { rules, create, bus } = await fixture();
  await create('r', { actions: [republishTo('out')] });
  const bytes = Buffer.from([0, 255, 1]);
  bus.deliver({ ...messageOf('in/x', ''), payload: bytes });
  bytes.fill(7);
  await rules.stop();
  assert.deepEqual(bus.published[0].payload, Buffer.from([0, 255, 1]));
  assert.equal(bus.published.length, 1);
});

test('rules that feed each other end after ten hops with a clear log line', async () => {
  const { rules, create, bus, send, logged } = await fixture();
  await create('loop', { sql: "SELECT * FROM 'loop'", actions: [republishTo('loop')] });
  await send('loop', '{}');
  assert.equal(bus.published.length, 10);
  assert.equal(rules.counters().get('loop')?.Failure['RepublishAction'], 1);
  assert.match(logged.join(), /already come through 10 rules, which looks like a loop/);
});

test('one error document tells of all failed actions, and the others are done all the same', async () => {
  const { rules, create, bus, send, done } = await fixture();
  await create('r', {
    sql: "SELECT a FROM 'in/#'",
    actions: [toQueue('broken'), toQueue('fine'), republishTo('${missing}')],
    errorAction: republishTo('errors/${topic(2)}'),
  });
  await send('in/x', '{"a":1}');
  assert.equal(done.length, 1);
  assert.deepEqual(bus.topics, ['errors/x']);
  const { cloudwatchTraceId, ...document } = JSON.parse(bus.published[0].payload.toString());
  assert.match(cloudwatchTraceId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(document, {
    ruleName: 'r',
    topic: 'in/x',
    clientId: 'lamp',
    base64OriginalPayload: Buffer.from('{"a":1}').toString('base64'),
    failures: [
      { failedAction: 'SqsAction', failedResource: 'broken', errorMessage: 'Failed to send SQS message.' },
      {
        failedAction: 'RepublishAction',
        failedResource: '',
        errorMessage:
          'Failed to republish to topic. The error received was an empty topic. ' +
          'Message arrived on: in/x, Action: republish, topic: ',
      },
    ],
  });
  const counters = rules.counters().get('r');
  assert.deepEqual(counters?.Success, { SqsAction: 1 });
  assert.deepEqual(counters?.Failure, { SqsAction: 1, RepublishAction: 1 });
  assert.equal(counters?.ErrorActionSuccess, 1);
});

test('an error action that fails is counted and logged, no more', async () => {
  const { rules, create, send, logged } = await fixture();
  await create('r', { actions: [toQueue('broken')], errorAction: toQueue('broken') });
  await send('in/x', '{}');
  assert.equal(rules.counters().get('r')?.ErrorActionFailure, 1);
  assert.match(logged.join(), /error action failed/);
});

test('what waits is bounded: too much is dropped, counted and logged once', async () => {
  const { rules, create, bus, done, logged } = await fixture({ limits: { running: 1, waiting: 2 } });
  await create('r', { actions: [toQueue('q')] });
  for (let i = 0; i < 5; i++) bus.deliver(messageOf('in/x', String(i)));
  await rules.operations.getTopicRule({ ruleName: 'r' }, {} as RequestContext);
  const throttled = rules.counters().get('r')?.RuleMessageThrottled;
  await rules.stop();
  assert.equal(throttled, 2);
  assert.deepEqual(
    done.map(({ payload }) => payload.toString()),
    ['0', '1', '2'],
  );
  assert.equal(logged.filter((text) => text.includes('messages are dropped')).length, 1);
});

test('counters tell matches, unreadable payloads and executions apart', async () => {
  const { rules, create, send } = await fixture();
  await create('r', { sql: "SELECT a FROM 'in/#' WHERE a > 1", actions: [] });
  for (const payload of ['{"a":1}', '{"a":2}', 'no JSON', '{"a":3}']) await send('in/x', payload);
  const { TopicMatch, ParseError, RulesExecuted, EvaluationFailure } = rules.counters().get('r')!;
  assert.deepEqual(
    { TopicMatch, ParseError, RulesExecuted, EvaluationFailure },
    { TopicMatch: 4, ParseError: 1, RulesExecuted: 2, EvaluationFailure: 0 },
  );
});

test('Basic Ingest reaches its rule only, whose topic() has no prefix, and FROM does not matter', async () => {
  const { rules, create, bus, send } = await fixture();
  await create('one', { sql: 'SELECT topic() AS t, a', actions: [republishTo('out/${topic(1)}')] });
  await create('two', { sql: "SELECT * FROM 'other'", actions: [republishTo('two')] });
  await create('off', { actions: [republishTo('off')], ruleDisabled: true });
  rules.basicIngest('one', messageOf('$aws/rules/one/room/x', '{"a":1}'));
  rules.basicIngest('two', messageOf('$aws/rules/two/room', '{}'));
  rules.basicIngest('off', messageOf('$aws/rules/off/room', '{}'));
  rules.basicIngest('none', messageOf('$aws/rules/none/room', '{}'));
  await send('unrelated', '');
  assert.deepEqual(bus.topics.toSorted(), ['out/room', 'two']);
  assert.equal(bus.published[0].payload.toString(), '{"t":"room/x","a":1}');
  assert.equal(rules.ruleNotFound(), 2);
});

test('the topic of Basic Ingest without anything behind the rule is empty', async () => {
  const { rules, create, bus, send } = await fixture();
  await create('one', { sql: 'SELECT topic() AS t', actions: [republishTo('out')] });
  rules.basicIngest('one', messageOf('$aws/rules/one', '{}'));
  await send('unrelated', '');
  assert.equal(bus.published[0].payload.toString(), '{"t":""}');
});

test('a rule with an external function waits for its answer; a failure ends it without the error action', async () => {
  const asked: string[] = [];
  const external = {
    getThingShadow: async (thing: string, shadow: string | undefined, role: string) => {
      asked.push(`${thing} ${shadow} ${role}`);
      if (thing === 'gone') throw new Error('no shadow');
      return '{"state":{"reported":{"on":true}}}';
    },
  };
  const { rules, create, bus, send, logged } = await fixture({ external });
  await create('r', {
    sql: `SELECT get_thing_shadow(topic(2), '${roleArn}').state.reported.on AS lit FROM 'in/+'`,
    awsIotSqlVersion: '2016-03-23',
    actions: [republishTo("out/${get_thing_shadow(topic(2), 'named', 'x').state.reported.on}")],
    errorAction: republishTo('errors'),
  });
  await send('in/t', '{}');
  await send('in/gone', '{}');
  assert.deepEqual(bus.topics, ['out/true']);
  assert.equal(bus.published[0].payload.toString(), '{"lit":true}');
  assert.deepEqual(asked, [`t undefined ${roleArn}`, 't named x', `gone undefined ${roleArn}`]);
  assert.equal(rules.counters().get('r')?.EvaluationFailure, 1);
  assert.match(logged.join(), /could not be evaluated/);
});

test('external functions are refused in the templates of error actions', async () => {
  const external = { getThingShadow: async () => '{}' };
  const { create } = await fixture({ external });
  const errorAction = republishTo("${get_thing_shadow('t', 'r').a}");
  await assert.rejects(create('r', { awsIotSqlVersion: '2016-03-23', errorAction }), /not available here/);
});

test('a payload is read once for all rules that need it', async () => {
  const { create, send, done } = await fixture();
  await create('a', { actions: [toQueue('q')], sql: "SELECT * FROM 'in/#'" });
  await create('b', { actions: [toQueue('q')], sql: "SELECT VALUE * FROM 'in/x'" });
  await send('in/x', '{"a":[1]}');
  assert.equal(done.length, 2);
  assert.equal(done[0].value, done[1].value);
});
