/**
 * The topic rule as a resource: its document, and the API's operations on it (rules-engine.md section 1). What a
 * change means for running rules is told to the engine behind `Running`.
 */
import type { Action, IotOperations, TopicRulePayload } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { invalidRequest, ServiceError } from '../base/errors.ts';
import {
  type Collection,
  type CollectionSpec,
  type Page,
  type Range,
  type Store,
  type Stored,
  VersionMismatch,
  type Write,
} from '../store/store.ts';
import { type Abilities, type CompiledRule, compileRule, defaultSqlVersion } from './compiled-rule.ts';

export interface RuleDocument {
  readonly ruleName: string;
  readonly sql: string;
  /** The topic filter in `sql`, for the list. */
  readonly filter?: string;
  readonly description?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly actions: readonly Action[];
  readonly errorAction?: Action;
  readonly ruleDisabled: boolean;
  readonly awsIotSqlVersion: string;
}

export const ruleCollection: CollectionSpec<RuleDocument> = {
  name: 'topic_rule',
  indexes: {
    filter: ({ filter }) => (filter === undefined ? [] : [filter]),
    disabled: ({ ruleDisabled }) => [String(ruleDisabled)],
    disabled_filter: ({ ruleDisabled, filter }) => (filter === undefined ? [] : [`${ruleDisabled} ${filter}`]),
  },
};

/** The rules at work. */
export interface Running {
  /** In place of the rule of that name, if it runs. */
  install(rule: CompiledRule): void;
  remove(ruleName: string): void;
}

/** Where tags are kept, for all kinds of resources. */
export interface TagStore {
  /** The writes that give `resourceArn` these tags; throws a ServiceError for tags that are not allowed. */
  put(resourceArn: string, tags: readonly { readonly Key: string; readonly Value: string }[]): readonly Write[];
  removeAll(resourceArn: string): readonly Write[];
}

export interface RuleDeps {
  readonly store: Store;
  readonly rules: Collection<RuleDocument>;
  readonly running: Running;
  readonly abilities: Abilities;
  readonly clock: Clock;
  readonly place: Place;
  readonly tags?: TagStore;
}

export type RuleOperations = Pick<
  IotOperations,
  | 'createTopicRule'
  | 'replaceTopicRule'
  | 'getTopicRule'
  | 'listTopicRules'
  | 'deleteTopicRule'
  | 'enableTopicRule'
  | 'disableTopicRule'
>;

const listDefault = 1000;

export function ruleOperations(deps: RuleDeps): RuleOperations {
  const { store, rules, running, place } = deps;

  return {
    async createTopicRule({ ruleName, topicRulePayload, tags }, context) {
      const compiled = compileRule(ruleName, topicRulePayload, deps.abilities);
      await authorizeRoles(topicRulePayload, context);
      const document = documentOf(ruleName, topicRulePayload, compiled, deps.clock.now());
      const tagWrites = tags ? tagsOf(tags, ruleArn(place, ruleName), deps.tags) : [];
      try {
        await store.commit([rules.put(ruleName, document, { ifVersion: 0 }), ...tagWrites]);
      } catch (error) {
        throw isMismatchOf(error) ? ruleExists(place, ruleName) : error;
      }
      if (!document.ruleDisabled) running.install(compiled);
      return {};
    },

    async replaceTopicRule({ ruleName, topicRulePayload }, context) {
      const compiled = compileRule(ruleName, topicRulePayload, deps.abilities);
      await authorizeRoles(topicRulePayload, context);
      const stored = await existing(rules, ruleName);
      const document = documentOf(ruleName, topicRulePayload, compiled, stored.value.createdAt);
      await change(deps, rules.put(ruleName, document, { ifVersion: stored.version }), ruleName);
      if (document.ruleDisabled) running.remove(ruleName);
      else running.install(compiled);
      return {};
    },

    async getTopicRule({ ruleName }) {
      const { filter: _, createdAt, ...rule } = (await existing(rules, ruleName)).value;
      return { ruleArn: ruleArn(place, ruleName), rule: { ...rule, createdAt: new Date(createdAt) } };
    },

    async listTopicRules({ maxResults = listDefault, nextToken, ruleDisabled, topic }) {
      const range = { limit: maxResults, ...(nextToken !== undefined && { after: nextToken }) };
      const page = await findRules(rules, topic, ruleDisabled, range);
      return {
        rules: page.items.map(({ value }) => listItem(place, value)),
        ...(page.next !== undefined && { nextToken: page.next }),
      };
    },

    async deleteTopicRule({ ruleName }) {
      const { version } = await existing(rules, ruleName);
      const tagWrites = deps.tags?.removeAll(ruleArn(place, ruleName)) ?? [];
      await change(deps, rules.delete(ruleName, { ifVersion: version }), ruleName, tagWrites);
      running.remove(ruleName);
      return {};
    },

    async enableTopicRule({ ruleName }) {
      const { value, version } = await existing(rules, ruleName);
      if (!value.ruleDisabled) return {};
      const compiled = compileRule(ruleName, value, deps.abilities);
      await change(deps, rules.put(ruleName, { ...value, ruleDisabled: false }, { ifVersion: version }), ruleName);
      running.install(compiled);
      return {};
    },

    async disableTopicRule({ ruleName }) {
      const { value, version } = await existing(rules, ruleName);
      if (value.ruleDisabled) return {};
      await change(deps, rules.put(ruleName, { ...value, ruleDisabled: true }, { ifVersion: version }), ruleName);
      running.remove(ruleName);
      return {};
    },
  };
}

function ruleArn(place: Place, ruleName: string): string {
  return iotArn(place, `rule/${ruleName}`);
}

function documentOf(
  ruleName: string,
  payload: TopicRulePayload,
  compiled: CompiledRule,
  createdAt: number,
): RuleDocument {
  const { filter } = compiled.statement;
  return {
    ruleName,
    sql: payload.sql,
    ...(filter !== undefined && { filter }),
    ...(payload.description !== undefined && { description: payload.description }),
    createdAt,
    actions: payload.actions,
    ...(payload.errorAction && { errorAction: payload.errorAction }),
    ruleDisabled: payload.ruleDisabled ?? false,
    awsIotSqlVersion: payload.awsIotSqlVersion ?? defaultSqlVersion,
  };
}

function findRules(
  rules: Collection<RuleDocument>,
  topic: string | undefined,
  isDisabled: boolean | undefined,
  range: Range,
): Promise<Page<RuleDocument>> {
  if (topic !== undefined && isDisabled !== undefined)
    return rules.find('disabled_filter', `${isDisabled} ${topic}`, range);
  if (topic !== undefined) return rules.find('filter', topic, range);
  if (isDisabled !== undefined) return rules.find('disabled', String(isDisabled), range);
  return rules.scan(range);
}

function listItem(place: Place, { ruleName, filter, createdAt, ruleDisabled }: RuleDocument) {
  return {
    ruleArn: ruleArn(place, ruleName),
    ruleName,
    ...(filter !== undefined && { topicPattern: filter }),
    createdAt: new Date(createdAt),
    ruleDisabled,
  };
}

/** There is no ResourceNotFound in these operations' models; clients such as Terraform know this answer. */
async function existing(rules: Collection<RuleDocument>, ruleName: string): Promise<Stored<RuleDocument>> {
  const stored = await rules.get(ruleName);
  if (stored) return stored;
  throw new ServiceError('UnauthorizedException', `Access to topic rule '${ruleName}' was denied`);
}

async function change({ store }: RuleDeps, write: Write, ruleName: string, more: readonly Write[] = []): Promise<void> {
  try {
    await store.commit([write, ...more]);
  } catch (error) {
    if (!isMismatchOf(error)) throw error;
    throw new ServiceError(
      'ConflictingResourceUpdateException',
      `The rule '${ruleName}' was changed by another request at the same time`,
    );
  }
}

function isMismatchOf(error: unknown): boolean {
  return error instanceof VersionMismatch && error.collection === ruleCollection.name;
}

function ruleExists(place: Place, ruleName: string): ServiceError {
  return new ServiceError('ResourceAlreadyExistsException', `Rule already exists for account: ${place.account}`, {
    fields: { resourceId: ruleName, resourceArn: ruleArn(place, ruleName) },
  });
}

/** Whoever saves a rule needs `iam:PassRole` on each of its roles. */
async function authorizeRoles({ actions, errorAction }: TopicRulePayload, context: RequestContext): Promise<void> {
  const roles = new Set<string>();
  for (const action of errorAction ? [...actions, errorAction] : actions) {
    for (const settings of Object.values(action) as readonly { readonly roleArn?: string }[]) {
      if (settings?.roleArn !== undefined) roles.add(settings.roleArn);
    }
  }
  for (const role of roles) await context.authorize('iam:PassRole', role);
}

/** From the header `x-amz-tagging: k1=v1&k2=v2`. */
function tagsOf(header: string, resourceArn: string, tags: TagStore | undefined): readonly Write[] {
  if (!tags) throw invalidRequest('Tags of rules are not available in this installation');
  const pairs = Array.from(new URLSearchParams(header), ([Key, Value]) => ({ Key, Value }));
  return tags.put(resourceArn, pairs);
}
