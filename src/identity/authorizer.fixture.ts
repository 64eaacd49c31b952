/** What tests of custom authorizers share: signers, a functions port that is told what to answer, and a world of both. */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { JsonValue } from '../api/json.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { type AuthorizerOperations, authorizerOperations } from './authorizer.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { AuthorizerRecords } from './authorizer-records.ts';
import { createCustomAuth } from './custom-auth.ts';
import { anonymous } from './principal.ts';

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:auth';
export const ARN = 'arn:aws:iot:us-east-1:000000000000:';

export interface Signer {
  /** PEM. */
  readonly publicKey: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256, in base64. */
  sign(token: string): string;
}

export function rsaSigner(modulusLength = 2048): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (token) => sign('RSA-SHA256', Buffer.from(token), privateKey).toString('base64'),
  };
}

/** An answer that lets the client do what it likes with the topic. */
export function answerFor(topic: string, more: { readonly [name: string]: JsonValue } = {}) {
  const statement = { Effect: 'Allow', Action: 'iot:*', Resource: `${ARN}topic/${topic}` };
  return {
    isAuthenticated: true,
    principalId: 'user1',
    refreshAfterInSeconds: 300,
    disconnectAfterInSeconds: 3600,
    policyDocuments: [{ Version: '2012-10-17', Statement: [statement] }],
    ...more,
  };
}

export type Event = { readonly token?: string; readonly connectionMetadata: { readonly id: string } };

/** Functions that answer what `answer` says, and remember what they were asked. */
export function fakeFunctions() {
  const fake = {
    events: [] as Event[],
    calls: [] as { readonly reference: string; readonly timeoutMs: number }[],
    answer: (async () => answerFor('a')) as () => Promise<JsonValue>,
    accepts: (reference: string) => !reference.includes(' '),
    invoke: (reference: string, payload: JsonValue, { timeoutMs }: { readonly timeoutMs: number }) => {
      fake.calls.push({ reference, timeoutMs });
      fake.events.push(payload as unknown as Event);
      return fake.answer();
    },
  };
  return fake satisfies FunctionPort;
}

const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

export async function authorizerWorld() {
  const clock = new VirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const random = seededRandom(11);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const records = new AuthorizerRecords(store, { region: 'us-east-1', account: '000000000000' });
  const functions = fakeFunctions();
  const deps = { records, functions, clock, random };
  const operations = authorizerOperations({ ...deps, tagsFor: () => [] });
  const call = <Name extends keyof AuthorizerOperations>(
    name: Name,
    input: Parameters<AuthorizerOperations[Name]>[0],
  ): ReturnType<AuthorizerOperations[Name]> =>
    (operations[name] as (i: object, c: RequestContext) => ReturnType<AuthorizerOperations[Name]>)(input, context);
  /** An active authorizer whose tokens need no signature. */
  const createUnsigned = (authorizerName: string, more: object = {}) =>
    call('createAuthorizer', {
      authorizerName,
      authorizerFunctionArn: FUNCTION_ARN,
      signingDisabled: true,
      status: 'ACTIVE',
      ...more,
    });
  return { clock, store, records, functions, call, createUnsigned, customAuth: createCustomAuth(deps) };
}
