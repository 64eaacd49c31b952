/** Every vector of rules-cases.json (rules-engine.md section 18), evaluated as a rule would. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import type { Message } from '../broker/message.ts';
import { matches } from '../mqtt/topic.ts';
import { Answers, type ExternalFunctions, withAnswers } from './external.ts';
import { Incoming } from './incoming.ts';
import { parseJson } from './json.ts';
import { equals } from './operators.ts';
import { compileStatement, type Selected } from './statement.ts';
import { isArray, isNumber, isObject, type SqlVersion, type Value } from './value.ts';

interface Context {
  readonly clientId?: string;
  readonly protocol?: 'MQTT' | 'HTTP';
  readonly principal?: string;
  readonly accountId?: string;
  readonly sourceIp?: string;
  readonly traceId?: string;
  readonly timestamp?: number;
  readonly ruleName?: string;
  readonly mqtt5?: {
    readonly contentType?: string;
    readonly payloadFormatIndicator?: number;
    readonly responseTopic?: string;
    readonly correlationData?: string;
    readonly userProperties?: readonly (readonly [string, string])[];
  };
  readonly shadows?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly secrets?: Readonly<Record<string, { readonly SecretString?: string; readonly SecretBinary?: string }>>;
  readonly registry?: Readonly<Record<string, unknown>>;
  readonly lambda?: Readonly<Record<string, unknown>>;
  readonly dynamodb?: Readonly<Record<string, { key: string; items: readonly Readonly<Record<string, unknown>>[] }>>;
}

interface Case {
  readonly id: string;
  readonly sqlVersion: SqlVersion;
  readonly sql: string;
  readonly topic: string;
  readonly payload: unknown;
  readonly context?: Context;
  readonly expect: {
    readonly result?: unknown;
    readonly tolerance?: number;
    readonly resultBase64?: string;
    readonly noMatch?: true;
    readonly undefined?: true;
  };
}

const cases = JSON.parse(readFileSync(new URL('rules-cases.json', import.meta.url), 'utf8')) as readonly Case[];

for (const vector of cases) {
  test(`rules-cases ${vector.id}: ${vector.sql.replaceAll('\n', ' ')}`, async () => {
    const selected = await run(vector);
    const { expect } = vector;
    if (expect.noMatch) return assert.equal(selected, undefined);
    assert.ok(selected, 'the statement did not match');
    if (expect.undefined) return assert.equal(selected.payload.length, 0);
    if (expect.resultBase64 !== undefined)
      return assert.equal(selected.payload.toString('base64'), expect.resultBase64);
    const result = parseJson(selected.payload.toString());
    const expected = parseJson(JSON.stringify(expect.result));
    const isSame =
      isNumber(expected) && expect.tolerance !== undefined
        ? isNear(result, expected, expect.tolerance)
        : equals(result, expected);
    assert.ok(isSame, `got ${selected.payload}, expected ${JSON.stringify(expect.result)}`);
  });
}

async function run(vector: Case): Promise<Selected | undefined> {
  const { context = {} } = vector;
  const external = externalFunctions(context);
  const statement = compileStatement(vector.sql, vector.sqlVersion, external);
  const incoming = new Incoming(messageOf(vector));
  const isBasicIngest = context.ruleName !== undefined && vector.topic.startsWith(`$aws/rules/${context.ruleName}/`);
  if (!isBasicIngest && !matches(statement.filter ?? '', vector.topic, { parentMatch: false })) return undefined;
  const seeded = seededRandom(1);
  const random = { bytes: seeded.bytes, uuid: () => context.traceId ?? seeded.uuid() };
  const answers = new Answers(external);
  const surroundings = { account: context.accountId ?? '000000000000', random };
  return withAnswers(answers, () => statement.evaluate(incoming, surroundings, answers));
}

function messageOf({ topic, payload, context = {} }: Case): Message {
  const { mqtt5 } = context;
  return {
    topic,
    payload: payloadOf(payload),
    qos: 0,
    retain: false,
    timestamp: context.timestamp ?? 0,
    publisher: {
      clientId: context.clientId,
      principal: context.principal ?? 'anonymous',
      sourceIp: context.sourceIp ?? '127.0.0.1',
      protocol: context.protocol ?? 'MQTT',
    },
    properties: mqtt5 && {
      ...mqtt5,
      correlationData: mqtt5.correlationData === undefined ? undefined : Buffer.from(mqtt5.correlationData, 'base64'),
    },
  };
}

function payloadOf(payload: unknown): Buffer {
  const isBytes = typeof payload === 'object' && payload !== null && Object.keys(payload).join() === 'base64';
  return isBytes ? Buffer.from((payload as { base64: string }).base64, 'base64') : Buffer.from(JSON.stringify(payload));
}

/** The answers the vector carries. */
function externalFunctions(context: Context): ExternalFunctions {
  return {
    awsLambda: async (arn) => JSON.stringify(context.lambda?.[arn]),
    getDynamodb: async (table, [key]) => {
      const found = context.dynamodb?.[table];
      assert.equal(key.name, found?.key);
      return JSON.stringify(found?.items.find((item) => String(item[key.name]) === key.value));
    },
    getSecret: async (id) => {
      const secret = context.secrets?.[id];
      const binary = secret?.SecretBinary;
      return { text: secret?.SecretString, binary: binary === undefined ? undefined : Buffer.from(binary, 'base64') };
    },
    getThingShadow: async (thing, shadow = '') => JSON.stringify(context.shadows?.[thing]?.[shadow]),
    getRegistryData: async (_, thing) => JSON.stringify(context.registry?.[thing]),
  };
}

function isNear(result: Value, expected: Value, tolerance: number): boolean {
  assert.ok(!isArray(expected) && !isObject(expected));
  return isNumber(result) && Math.abs(Number(result) - Number(expected)) <= tolerance;
}
