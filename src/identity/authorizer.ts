/**
 * Custom authorizers over the API: creating, reading, changing, deleting and trying them, and the account's default
 * (policies.md section 9.1). The door calls `authorizerOperations` once; `custom-auth.ts` puts authorizers to use.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type {
  AuthorizerDescription,
  IotOperations,
  Tag,
  TestInvokeAuthorizerRequest,
  TestInvokeAuthorizerResponse,
} from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Clock } from '../base/clock.ts';
import {
  alreadyExists,
  deleteConflict,
  invalidRequest,
  limitExceeded,
  messageOf,
  notFound,
  ServiceError,
} from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Stored, Write } from '../store/store.ts';
import { checkWithAuthorizer, type FunctionPort } from './authorizer-check.ts';
import type { AuthorizerRecord, AuthorizerRecords } from './authorizer-records.ts';
import { type CustomRequest, signatureIn, tokensIn } from './custom-request.ts';
import { problemOfKey } from './public-key.ts';

export interface AuthorizersDeps {
  readonly records: AuthorizerRecords;
  readonly functions: FunctionPort;
  readonly clock: Clock;
  readonly random: Random;
  /** The writes that give the authorizer of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(authorizerArn: string, tags: readonly Tag[] | undefined): readonly Write[];
}

export type AuthorizerOperations = Pick<
  IotOperations,
  | 'createAuthorizer'
  | 'updateAuthorizer'
  | 'describeAuthorizer'
  | 'deleteAuthorizer'
  | 'listAuthorizers'
  | 'setDefaultAuthorizer'
  | 'describeDefaultAuthorizer'
  | 'clearDefaultAuthorizer'
  | 'testInvokeAuthorizer'
>;

const DEFAULT_PAGE_SIZE = 25;
const MOST_AUTHORIZERS = 10;
const MOST_KEYS = 2;

export function authorizerOperations(deps: AuthorizersDeps): AuthorizerOperations {
  const { records, functions, clock } = deps;
  return {
    createAuthorizer: async ({ authorizerName, authorizerFunctionArn, ...input }) => {
      const record: AuthorizerRecord = {
        functionArn: authorizerFunctionArn,
        status: input.status ?? 'INACTIVE',
        signingDisabled: input.signingDisabled ?? false,
        enableCachingForHttp: input.enableCachingForHttp ?? false,
        ...(input.tokenKeyName !== undefined && { tokenKeyName: input.tokenKeyName }),
        tokenSigningPublicKeys: input.tokenSigningPublicKeys ?? {},
        createdMs: clock.now(),
        modifiedMs: clock.now(),
      };
      checkRecord(record, functions);
      const authorizerArn = records.arn(authorizerName);
      if (!(await records.get(authorizerName)) && (await records.count()) >= MOST_AUTHORIZERS)
        throw limitExceeded(`There can be no more than ${MOST_AUTHORIZERS} authorizers`);
      if (!(await records.add(authorizerName, record, deps.tagsFor(authorizerArn, input.tags)))) {
        throw alreadyExists(`Authorizer already exists (name=${authorizerName})`, {
          resourceId: authorizerName,
          resourceArn: authorizerArn,
        });
      }
      return { authorizerName, authorizerArn };
    },

    updateAuthorizer: async ({ authorizerName, authorizerFunctionArn, ...input }) => {
      await retryConflicts(async () => {
        const { value, version } = await existing(records, authorizerName);
        const { status = value.status, tokenKeyName = value.tokenKeyName } = input;
        const record: AuthorizerRecord = {
          ...value,
          functionArn: authorizerFunctionArn ?? value.functionArn,
          status,
          enableCachingForHttp: input.enableCachingForHttp ?? value.enableCachingForHttp,
          ...(tokenKeyName !== undefined && { tokenKeyName }),
          tokenSigningPublicKeys: input.tokenSigningPublicKeys ?? value.tokenSigningPublicKeys,
          modifiedMs: clock.now(),
        };
        checkRecord(record, functions);
        if (status === 'INACTIVE') await refuseDefault(records, authorizerName, 'deactivated');
        await records.replace(authorizerName, record, version);
      });
      return { authorizerName, authorizerArn: records.arn(authorizerName) };
    },

    describeAuthorizer: async ({ authorizerName }) => {
      const { value } = await existing(records, authorizerName);
      return { authorizerDescription: description(records, authorizerName, value) };
    },

    deleteAuthorizer: async ({ authorizerName }) => {
      await retryConflicts(async () => {
        const { value, version } = await existing(records, authorizerName);
        await refuseDefault(records, authorizerName, 'deleted');
        if (value.status === 'ACTIVE')
          throw deleteConflict(`The authorizer must be INACTIVE before it can be deleted (name=${authorizerName})`);
        await records.remove(authorizerName, version, deps.tagsFor(records.arn(authorizerName), undefined));
      });
      return {};
    },

    listAuthorizers: async ({ ascendingOrder = false, status, ...input }) => {
      const list = `ListAuthorizers ${ascendingOrder} ${status}`;
      const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
      const page = await records.list(status, range);
      const authorizers = page.items.map(({ key }) => ({ authorizerName: key, authorizerArn: records.arn(key) }));
      return { authorizers, nextMarker: pageToken(list, page) };
    },

    testInvokeAuthorizer: (input) => testInvoke(deps, input),
    ...defaultOperations(records),
  };
}

function defaultOperations(
  records: AuthorizerRecords,
): Pick<AuthorizerOperations, 'setDefaultAuthorizer' | 'describeDefaultAuthorizer' | 'clearDefaultAuthorizer'> {
  return {
    setDefaultAuthorizer: async ({ authorizerName }) => {
      const answer = { authorizerName, authorizerArn: records.arn(authorizerName) };
      await retryConflicts(async () => {
        const authorizer = await existing(records, authorizerName);
        if (authorizer.value.status !== 'ACTIVE')
          throw invalidRequest(`Only an ACTIVE authorizer can be the default (name=${authorizerName})`);
        const present = await records.defaultName();
        if (present === authorizerName) return;
        if (present !== undefined) {
          throw alreadyExists(`There is a default authorizer already: clear it first (name=${present})`, {
            resourceId: present,
            resourceArn: records.arn(present),
          });
        }
        await records.setDefault(authorizerName, authorizer);
      });
      return answer;
    },

    describeDefaultAuthorizer: async () => {
      const name = await records.defaultName();
      if (name === undefined) throw noDefault();
      const { value } = await existing(records, name);
      return { authorizerDescription: description(records, name, value) };
    },

    clearDefaultAuthorizer: async () => {
      const wasThere = await retryConflicts(() => records.clearDefault());
      if (!wasThere) throw noDefault();
      return {};
    },
  };
}

/** What must be true of an authorizer whenever it is stored. Throws InvalidRequestException or LimitExceededException. */
function checkRecord(record: AuthorizerRecord, functions: FunctionPort): void {
  if (!functions.accepts(record.functionArn))
    throw invalidRequest('authorizerFunctionArn is not the ARN of a function');
  const keys = Object.entries(record.tokenSigningPublicKeys);
  if (keys.length > MOST_KEYS)
    throw limitExceeded(`An authorizer can have no more than ${MOST_KEYS} public keys, not ${keys.length}`);
  for (const [name, pem] of keys) checkKey(name, pem);
  if (record.signingDisabled) return;
  if (record.tokenKeyName === undefined) throw invalidRequest('tokenKeyName is needed unless signing is disabled');
  if (keys.length === 0) throw invalidRequest('tokenSigningPublicKeys are needed unless signing is disabled');
}

function checkKey(name: string, pem: string): void {
  // Node would make a public key of a private one, which then would lie here for everybody to read.
  if (!/^\s*-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem))
    throw invalidRequest(`The public key ${name} must be in PEM format and begin with -----BEGIN PUBLIC KEY-----`);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw invalidRequest(`The public key ${name} cannot be read: ${messageOf(error)}`);
  }
  if (key.asymmetricKeyType !== 'rsa') throw invalidRequest(`The public key ${name} must be an RSA key`);
  const problem = problemOfKey(key);
  if (problem !== undefined) throw invalidRequest(`The public key ${name} cannot be used: ${problem}`);
}

/** Also asks authorizers that are not active yet: that is what a test is for. */
async function testInvoke(
  { records, functions, random }: AuthorizersDeps,
  input: TestInvokeAuthorizerRequest,
): Promise<TestInvokeAuthorizerResponse> {
  const { value: record } = await existing(records, input.authorizerName);
  const request = requestOf(input);
  const tokens = input.token === undefined ? tokensIn(request, record.tokenKeyName) : [input.token];
  const signature = input.tokenSignature ?? signatureIn(request);
  const credentials = { tokens, ...(signature !== undefined && { signature }) };
  const authorizer = { name: input.authorizerName, record };
  const result = await checkWithAuthorizer(functions, authorizer, request, credentials, random.uuid());
  if (!('failure' in result)) {
    return {
      isAuthenticated: true,
      principalId: result.principalId,
      policyDocuments: result.policyTexts,
      refreshAfterInSeconds: result.refreshAfterSeconds,
      disconnectAfterInSeconds: result.disconnectAfterSeconds,
    };
  }
  if (result.failure === 'denied') return { isAuthenticated: false };
  if (result.failure === 'badSignature') throw invalidRequest(`The token cannot be verified: ${result.reason}`);
  throw new ServiceError('InvalidResponseException', result.reason);
}

function requestOf({ httpContext, mqttContext, tlsContext }: TestInvokeAuthorizerRequest): CustomRequest {
  const headers = Object.entries(httpContext?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const query = httpContext?.queryString?.replace(/^\?/, '') ?? '';
  return {
    secure: tlsContext !== undefined,
    ...(tlsContext?.serverName !== undefined && { serverName: tlsContext.serverName }),
    ...(httpContext && { http: { headers: Object.fromEntries(headers), query } }),
    ...(mqttContext && { mqtt: mqttContext }),
  };
}

async function existing(records: AuthorizerRecords, name: string): Promise<Stored<AuthorizerRecord>> {
  const stored = await records.get(name);
  if (!stored) throw notFound(`The authorizer ${name} does not exist`);
  return stored;
}

async function refuseDefault(records: AuthorizerRecords, name: string, what: string): Promise<void> {
  if ((await records.defaultName()) !== name) return;
  throw deleteConflict(`The default authorizer cannot be ${what}: clear the default first (name=${name})`);
}

function description(records: AuthorizerRecords, name: string, record: AuthorizerRecord): AuthorizerDescription {
  return {
    authorizerName: name,
    authorizerArn: records.arn(name),
    authorizerFunctionArn: record.functionArn,
    ...(record.tokenKeyName !== undefined && { tokenKeyName: record.tokenKeyName }),
    tokenSigningPublicKeys: record.tokenSigningPublicKeys,
    status: record.status,
    creationDate: new Date(record.createdMs),
    lastModifiedDate: new Date(record.modifiedMs),
    signingDisabled: record.signingDisabled,
    enableCachingForHttp: record.enableCachingForHttp,
  };
}

function noDefault(): ServiceError {
  return notFound('There is no default authorizer');
}
