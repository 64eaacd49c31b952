/**
 * `tsunagu users` and `tsunagu keys`: who may use a running server. A client of its IAM endpoint like any other, signed
 * with the admin's key (or one that may), so the store stays the server's alone. A secret is printed once, when its key
 * is made. Called by `main.ts`; prints nothing itself.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from './base/clock.ts';
import { messageOf } from './base/errors.ts';
import type { AccessConfig } from './config.ts';
import { signV4 } from './identity/identity.ts';

/** What the server refused, or that it cannot be reached; the message is for the user. */
export class AccessCommandError extends Error {
  override readonly name = 'AccessCommandError';
}

/** How a command is written wrongly. */
export class AccessUsageError extends Error {
  override readonly name = 'AccessUsageError';
}

export const accessUsage = `Usage: tsunagu users create NAME [--policy FILE]   make a user with a key; the policy says what it may
       tsunagu users policy NAME --policy FILE      replace what it may
       tsunagu users list | disable NAME | delete NAME
       tsunagu keys create USER | list [USER]
       tsunagu keys rotate KEY | disable KEY | enable KEY | delete KEY

They talk to a running server, with the key of its admin or of a user that may.`;

type Result = Readonly<Record<string, unknown>>;
type Call = (action: string, parameters?: Readonly<Record<string, string>>) => Promise<Result>;
type Command = (call: Call, name: string, config: AccessConfig) => Promise<Result>;

interface KeyDescription {
  readonly UserName: string;
  readonly AccessKeyId: string;
  readonly Status: string;
  readonly SecretAccessKey?: string;
}

/** Name of the one inline policy that `--policy` writes. */
const POLICY = 'policy';

const commands: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  users: {
    create: async (call, UserName, { policy }) => {
      const document = policy === undefined ? undefined : readPolicy(policy);
      await call('CreateUser', { UserName });
      if (document !== undefined) await putPolicy(call, UserName, document);
      return createKey(call, UserName);
    },
    policy: async (call, UserName, { policy }) => {
      if (policy === undefined) throw new AccessUsageError('users policy needs --policy FILE');
      await putPolicy(call, UserName, readPolicy(policy));
      return { user: UserName };
    },
    list: async (call) => ({ users: await usersOf(call) }),
    disable: async (call, UserName) => {
      const keys = await keysOf(call, UserName);
      for (const { AccessKeyId } of keys) await setStatus(call, UserName, AccessKeyId, 'Inactive');
      return { user: UserName, disabled: keys.map(({ AccessKeyId }) => AccessKeyId) };
    },
    delete: async (call, UserName) => {
      for (const { AccessKeyId } of await keysOf(call, UserName)) {
        await call('DeleteAccessKey', { UserName, AccessKeyId });
      }
      const { PolicyNames: names } = await call('ListUserPolicies', { UserName });
      for (const PolicyName of names as string[]) await call('DeleteUserPolicy', { UserName, PolicyName });
      await call('DeleteUser', { UserName });
      return { deleted: UserName };
    },
  },
  keys: {
    create: createKey,
    list: async (call, UserName) => {
      const names = UserName === '' ? (await usersOf(call)).map(({ user }) => user) : [UserName];
      const keys = await Promise.all(names.map((name) => keysOf(call, name)));
      const described = keys.flat().map((key) => ({ user: key.UserName, key: key.AccessKeyId, status: key.Status }));
      return { keys: described };
    },
    /** Makes the new key first, so that a user is never without one; the old one is disabled, not yet deleted. */
    rotate: async (call, AccessKeyId) => {
      const UserName = await ownerOf(call, AccessKeyId);
      const made = await createKey(call, UserName);
      await setStatus(call, UserName, AccessKeyId, 'Inactive');
      return { ...made, disabled: AccessKeyId };
    },
    disable: async (call, AccessKeyId) => {
      await setStatus(call, await ownerOf(call, AccessKeyId), AccessKeyId, 'Inactive');
      return { disabled: AccessKeyId };
    },
    enable: async (call, AccessKeyId) => {
      await setStatus(call, await ownerOf(call, AccessKeyId), AccessKeyId, 'Active');
      return { enabled: AccessKeyId };
    },
    delete: async (call, AccessKeyId) => {
      await call('DeleteAccessKey', { UserName: await ownerOf(call, AccessKeyId), AccessKeyId });
      return { deleted: AccessKeyId };
    },
  },
};

/** Commands that need no name. */
const NAMELESS: readonly string[] = ['users list', 'keys list'];

/**
 * Runs `tsunagu <noun> <words…>` and returns what to print. Throws AccessUsageError or AccessCommandError.
 */
export async function runAccessCommand(
  noun: 'users' | 'keys',
  words: readonly string[],
  config: AccessConfig,
  clock: Clock,
): Promise<string> {
  const [verb = '', name = '', ...rest] = words;
  const command = Object.hasOwn(commands[noun], verb) ? commands[noun][verb] : undefined;
  const isComplete = name !== '' || NAMELESS.includes(`${noun} ${verb}`);
  if (!command || !isComplete || rest.length > 0) throw new AccessUsageError(accessUsage);
  const result = await command(iamClient(config, clock), name, config);
  return config.json ? `${JSON.stringify(result)}\n` : describe(result);
}

async function createKey(call: Call, UserName: string): Promise<Result> {
  const made = (await call('CreateAccessKey', { UserName }))['AccessKey'] as KeyDescription;
  return { user: made.UserName, key: made.AccessKeyId, secret: made.SecretAccessKey };
}

async function putPolicy(call: Call, UserName: string, PolicyDocument: string): Promise<void> {
  await call('PutUserPolicy', { UserName, PolicyName: POLICY, PolicyDocument });
}

async function setStatus(call: Call, UserName: string, AccessKeyId: string, Status: string): Promise<void> {
  await call('UpdateAccessKey', { UserName, AccessKeyId, Status });
}

async function usersOf(call: Call): Promise<{ readonly user: string; readonly arn: string }[]> {
  const users: { user: string; arn: string }[] = [];
  let marker: string | undefined;
  do {
    const page = await call('ListUsers', marker === undefined ? {} : { Marker: marker });
    for (const { UserName, Arn } of page['Users'] as Record<string, string>[]) users.push({ user: UserName, arn: Arn });
    marker = page['Marker'] as string | undefined;
  } while (marker !== undefined);
  return users;
}

async function keysOf(call: Call, UserName: string): Promise<readonly KeyDescription[]> {
  return (await call('ListAccessKeys', { UserName }))['AccessKeyMetadata'] as KeyDescription[];
}

async function ownerOf(call: Call, AccessKeyId: string): Promise<string> {
  return (await call('GetAccessKeyLastUsed', { AccessKeyId }))['UserName'] as string;
}

function readPolicy(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AccessCommandError(`the policy ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function iamClient({ endpoint, region, accessKeyId, secretAccessKey }: AccessConfig, clock: Clock): Call {
  const credentials = { accessKeyId: accessKeyId ?? '', secretAccessKey: secretAccessKey ?? '' };
  return async (action, parameters = {}) => {
    const url = new URL('/', endpoint);
    const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString();
    const headers = {
      host: url.host,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const signature = signV4(
      { method: 'POST', rawPath: '/', rawQuery: '', headers: Object.entries(headers), body: Buffer.from(body) },
      credentials,
      { region, service: 'iam', nowMs: clock.now() },
    );
    const { ok, status, text } = await post(url, { ...headers, ...signature }, body);
    const answer = parse(text, status);
    if (ok) return (answer[`${action}Response`] as Result)[`${action}Result`] as Result;
    const { Code: code = status, Message: message = text } = (answer['Error'] ?? {}) as Result;
    throw new AccessCommandError(`the server refused ${action} (${String(code)}): ${String(message)}`);
  };
}

async function post(url: URL, headers: Readonly<Record<string, string>>, body: string) {
  try {
    const response = await fetch(url, { method: 'POST', headers, body });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new AccessCommandError(
      `${url.origin} cannot be reached (${messageOf(cause)}): start the server, or give another --endpoint`,
      { cause: error },
    );
  }
}

function parse(text: string, status: number): Result {
  try {
    return JSON.parse(text) as Result;
  } catch (error) {
    throw new AccessCommandError(`what answers there is no Tsunagu (status ${status})`, { cause: error });
  }
}

/** For people: a line for each of a list, else a line for each member. */
function describe(result: Result): string {
  const [list] = Object.values(result);
  if (Array.isArray(list) && Object.keys(result).length === 1) {
    return list.map((one: Result) => `${Object.values(one).join('  ')}\n`).join('');
  }
  const lines = Object.entries(result).map(([name, value]) => `${name.padEnd(9)} ${String(value)}\n`);
  const note = result['secret'] === undefined ? '' : 'The secret is shown this once only.\n';
  return lines.join('') + note;
}
