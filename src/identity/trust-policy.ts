/**
 * Trust policies: who may assume a role. The grammar is that of other policies but for `Principal` in the place of
 * `Resource`, so it has a reader of its own; conditions are shared. Called by the operations on roles, which store only
 * what can be judged, and by whoever hands out sessions of a role. Throws nothing but MalformedPolicyException.
 */
import { messageOf, ServiceError } from '../base/errors.ts';
import { type Condition, type ContextLookup, holds, parseConditions } from './policy-condition.ts';
import { matches, parseTemplate, type Template } from './policy-match.ts';

export interface TrustPolicy {
  readonly statements: readonly TrustStatement[];
}

interface TrustStatement {
  readonly effect: 'Allow' | 'Deny';
  /** `*` for everybody. */
  readonly aws: readonly string[];
  readonly services: readonly string[];
  readonly actions: readonly Template[];
  readonly conditions: readonly Condition[];
}

/** Who wants to assume the role. */
export type Candidate =
  | { readonly kind: 'service'; readonly name: string }
  | {
      readonly kind: 'principal';
      /** The ARNs it may be named by: a user's; a session's and its role's. */
      readonly arns: readonly string[];
      readonly account: string;
    };

/** Named itself, or trusted with everybody of its account, where its own policies have to allow it as well; or neither. */
export type Trust = 'DIRECT' | 'ACCOUNT' | 'NONE';

const LONGEST = 4096;
const ELEMENTS = ['Sid', 'Effect', 'Principal', 'Action', 'Condition'];

export function parseTrustPolicy(text: string): TrustPolicy {
  if (text.length > LONGEST) throw malformed(`it is longer than ${LONGEST} characters`);
  const document = members(parseJson(text), 'the document', ['Version', 'Id', 'Statement']);
  const version = document['Version'] ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') throw malformed('Version must be "2012-10-17"');
  const list = asList(document['Statement']);
  if (list.length === 0) throw malformed('it has no Statement');
  const statements = list.map((one, index) => parseStatement(one, `Statement[${index}]`, version === '2012-10-17'));
  return { statements };
}

/** `action` as `sts:AssumeRole`. */
export function trustOf(policy: TrustPolicy, candidate: Candidate, action: string, lookup: ContextLookup): Trust {
  let trust: Trust = 'NONE';
  for (const statement of policy.statements) {
    const named = statementTrust(statement, candidate);
    if (named === 'NONE' || !applies(statement, action, lookup)) continue;
    if (statement.effect === 'Deny') return 'NONE';
    if (trust !== 'DIRECT') trust = named;
  }
  return trust;
}

function statementTrust({ aws, services }: TrustStatement, candidate: Candidate): Trust {
  if (candidate.kind === 'service') return services.includes(candidate.name) ? 'DIRECT' : 'NONE';
  const { arns, account } = candidate;
  if (aws.some((name) => arns.includes(name))) return 'DIRECT';
  const ofAccount = ['*', account, `arn:aws:iam::${account}:root`];
  return aws.some((name) => ofAccount.includes(name)) ? 'ACCOUNT' : 'NONE';
}

function applies({ effect, actions, conditions }: TrustStatement, action: string, lookup: ContextLookup): boolean {
  const lower = action.toLowerCase();
  if (!actions.some(({ constant }) => constant !== undefined && matches(constant, lower))) return false;
  const resolve = (key: string): string | undefined => {
    const values = lookup(key);
    return values?.length === 1 ? values[0] : undefined;
  };
  return conditions.every((condition) => holds(condition, lookup, resolve, effect === 'Allow'));
}

function parseStatement(given: unknown, path: string, variables: boolean): TrustStatement {
  const { Effect: effect, ...statement } = members(given, path, ELEMENTS);
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`${path}.Effect must be "Allow" or "Deny"`);
  const actions = texts(statement['Action'], `${path}.Action`);
  return {
    effect,
    ...parsePrincipal(statement['Principal'], `${path}.Principal`),
    actions: actions.map((action) => parseTemplate(action.toLowerCase(), { variables: false, wildcards: true })),
    conditions:
      statement['Condition'] === undefined
        ? []
        : parseConditions(statement['Condition'], variables, (where, message) =>
            malformed(`${path}.${where} ${message}`),
          ),
  };
}

function parsePrincipal(given: unknown, path: string): Pick<TrustStatement, 'aws' | 'services'> {
  if (given === '*') return { aws: ['*'], services: [] };
  const { AWS: aws, Service: service } = members(given, path, ['AWS', 'Service']);
  if (aws === undefined && service === undefined) throw malformed(`${path} names nobody`);
  return {
    aws: aws === undefined ? [] : texts(aws, `${path}.AWS`),
    services: service === undefined ? [] : texts(service, `${path}.Service`),
  };
}

function texts(given: unknown, path: string): readonly string[] {
  const list = asList(given);
  if (list.length === 0 || !list.every((one) => typeof one === 'string')) {
    throw malformed(`${path} must be a string or a list of at least one string`);
  }
  return list;
}

function asList(given: unknown): readonly unknown[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given];
}

function members(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${path} must be an object`);
  const strange = Object.keys(value).find((name) => !known.includes(name));
  if (strange !== undefined) throw malformed(`${path} has the unknown element "${strange.slice(0, 100)}"`);
  return value as Readonly<Record<string, unknown>>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`it is not JSON: ${messageOf(error)}`);
  }
}

function malformed(message: string): ServiceError {
  return new ServiceError('MalformedPolicyException', `The trust policy is malformed: ${message}`);
}
