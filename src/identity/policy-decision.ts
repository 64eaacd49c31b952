/**
 * The decision of policies (policies.md section 7): a Deny that applies wins, else an Allow that applies, else no.
 * Pure: documents and a context in, a verdict out. The policy authority keeps one BoundPolicies for each connection.
 */
import { type Condition, holds } from './policy-condition.ts';
import type { PolicyContext } from './policy-context.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';
import { bindTemplate, matches, type Pattern, type Resolve } from './policy-match.ts';

export interface NamedDocument {
  readonly policyName: string;
  readonly policyArn: string;
  readonly document: PolicyDocument;
}

/** A statement that applied, and the policy it stands in. */
export interface Reason {
  readonly policy: NamedDocument;
  readonly statement: Statement;
}

/** A statement that allows the action, but not to this resource or not under its condition. */
export interface PassedOver extends Reason {
  readonly because: 'resource' | 'condition';
}

export interface Decision {
  readonly outcome: 'ALLOWED' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY';
  /** Every statement that applied, in the order of the policies. */
  readonly allowedBy: readonly Reason[];
  readonly deniedBy: readonly Reason[];
  /** Names of variables and condition keys that statements for this action asked for and that are not known. */
  readonly missing: readonly string[];
  /** The Allow statements for this action that did not apply. */
  readonly passedOver: readonly PassedOver[];
  /** Names of the policies that were asked. */
  readonly policyNames: readonly string[];
}

interface BoundStatement extends Reason {
  readonly patterns: readonly Pattern[];
  /** An Allow for all but a resource that is not known allows nothing. */
  readonly isVoid: boolean;
  readonly unresolved: readonly string[];
}

interface Rules {
  readonly denies: readonly BoundStatement[];
  readonly allows: readonly BoundStatement[];
}

/** Policies with the variables of one context put in, sorted by action as actions are asked for. */
export class BoundPolicies {
  readonly #policies: readonly NamedDocument[];
  readonly #context: PolicyContext;
  readonly #session: BoundPolicies | undefined;
  /** By action as asked: only the few actions that our own code names. */
  readonly #rules = new Map<string, Rules>();

  /** `session`: policies that must allow as well, those of temporary credentials; undefined for none. */
  constructor(policies: readonly NamedDocument[], context: PolicyContext, session?: readonly NamedDocument[]) {
    this.#policies = policies;
    this.#context = context;
    this.#session = session && new BoundPolicies(session, context);
  }

  /** `action` as `iot:Publish`, `resource` a whole ARN. */
  allows(action: string, resource: string): boolean {
    if (this.#session?.allows(action, resource) === false) return false;
    const { denies, allows } = this.#rulesFor(action);
    for (const statement of denies) if (this.#applies(statement, action, resource)) return false;
    for (const statement of allows) if (this.#applies(statement, action, resource)) return true;
    return false;
  }

  /** The same with its reasons; those of the session's policies only when they are what refuses. */
  decide(action: string, resource: string): Decision {
    const limit = this.#session?.decide(action, resource);
    if (limit && limit.outcome !== 'ALLOWED') return limit;
    const { denies, allows } = this.#rulesFor(action);
    const deniedBy = denies.filter((statement) => this.#applies(statement, action, resource)).map(toReason);
    const allowedBy = allows.filter((statement) => this.#applies(statement, action, resource)).map(toReason);
    const outcome = deniedBy.length > 0 ? 'EXPLICIT_DENY' : allowedBy.length > 0 ? 'ALLOWED' : 'IMPLICIT_DENY';
    return {
      outcome,
      allowedBy,
      deniedBy,
      missing: this.#missing([...denies, ...allows], action),
      passedOver: allows
        .filter((statement) => !this.#applies(statement, action, resource))
        .map((statement) => ({
          ...toReason(statement),
          because: reaches(statement, resource) ? 'condition' : 'resource',
        })),
      policyNames: this.#policies.map(({ policyName }) => policyName),
    };
  }

  /** Puts the variables in anew at the next question, when what they stand for has changed. */
  unbind(): void {
    this.#session?.unbind();
    this.#rules.clear();
  }

  #rulesFor(action: string): Rules {
    const known = this.#rules.get(action);
    if (known) return known;
    const lower = action.toLowerCase();
    const resolve = this.#resolver(action);
    const bound: BoundStatement[] = [];
    for (const policy of this.#policies) {
      for (const statement of policy.document.statements) {
        if (coversAction(statement, lower)) bound.push(bindStatement(policy, statement, resolve));
      }
    }
    const rules = {
      denies: bound.filter(({ statement }) => statement.effect === 'Deny'),
      allows: bound.filter(({ statement }) => statement.effect === 'Allow'),
    };
    this.#rules.set(action, rules);
    return rules;
  }

  #applies(bound: BoundStatement, action: string, resource: string): boolean {
    const { statement } = bound;
    if (!reaches(bound, resource)) return false;
    if (statement.conditions.length === 0) return true;
    const lower = action.toLowerCase();
    const resolve = this.#resolver(action);
    const lookup = (key: string): readonly string[] | undefined => this.#context(key, lower);
    return statement.conditions.every((condition) => holds(condition, lookup, resolve, statement.effect === 'Allow'));
  }

  /** Variables stand for a single text: a key with several values (or none) does not resolve. */
  #resolver(action: string): Resolve {
    const lower = action.toLowerCase();
    return (key) => {
      const values = this.#context(key, lower);
      return values?.length === 1 ? values[0] : undefined;
    };
  }

  #missing(statements: readonly BoundStatement[], action: string): string[] {
    const lower = action.toLowerCase();
    const resolve = this.#resolver(action);
    const isMissing = ({ key }: Condition): boolean => this.#context(key, lower) === undefined;
    const names = statements.flatMap(({ unresolved, statement: { conditions } }) => [
      ...unresolved,
      ...conditions.filter((condition) => condition.compare && isMissing(condition)).map(({ name }) => name),
      ...conditions.flatMap(({ values }) => values.flatMap((value) => unresolvedIn(value.variables, resolve))),
    ]);
    return [...new Set(names)];
  }
}

function bindStatement(policy: NamedDocument, statement: Statement, resolve: Resolve): BoundStatement {
  const patterns = statement.resources
    .map((resource) => bindTemplate(resource, resolve))
    .filter((p) => p !== undefined);
  const isVoid =
    statement.isNotResource && statement.effect === 'Allow' && patterns.length < statement.resources.length;
  const unresolved = statement.resources.flatMap(({ variables }) => unresolvedIn(variables, resolve));
  return { policy, statement, patterns, isVoid, unresolved };
}

function unresolvedIn(variables: readonly { name: string; key: string }[], resolve: Resolve): string[] {
  return variables.filter(({ key }) => resolve(key) === undefined).map(({ name }) => name);
}

function coversAction({ actions, isNotAction }: Statement, action: string): boolean {
  return actions.some(({ constant }) => constant !== undefined && matches(constant, action)) !== isNotAction;
}

function reaches({ statement, patterns, isVoid }: BoundStatement, resource: string): boolean {
  return !isVoid && coversResource(patterns, resource) !== statement.isNotResource;
}

function coversResource(patterns: readonly Pattern[], resource: string): boolean {
  for (const pattern of patterns) if (matches(pattern, resource)) return true;
  return false;
}

function toReason({ policy, statement }: BoundStatement): Reason {
  return { policy, statement };
}
