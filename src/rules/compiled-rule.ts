/**
 * A rule made ready to run: its statement and the templates of its actions compiled. Everything that can be wrong with
 * a rule is found here, so that creating one validates it and loading one cannot bring surprises.
 */
import type { Action, TopicRulePayload } from '../api/generated/iot.ts';
import { invalidRequest } from '../base/errors.ts';
import { isValidFilter } from '../mqtt/mqtt.ts';
import type { ActionKind, CompileTemplate, PreparedAction } from './actions/action.ts';
import type { ExternalFunctions } from './external.ts';
import { type CompiledStatement, compileStatement } from './statement.ts';
import { compileTemplate } from './template.ts';
import { type SqlVersion, sqlVersions } from './value.ts';

export interface CompiledRule {
  readonly ruleName: string;
  readonly statement: CompiledStatement;
  readonly actions: readonly CompiledAction[];
  readonly errorAction: CompiledAction | undefined;
}

export interface CompiledAction extends PreparedAction {
  readonly label: string;
}

/** What rules can be made of here. */
export interface Abilities {
  readonly kinds: readonly ActionKind[];
  readonly external: ExternalFunctions;
}

/** The default of the API; only AWS's console has 2016-03-23 (section 1). */
export const defaultSqlVersion = '2015-10-08';
const actionLimit = 10;
/** Bytes of a topic filter, as in subscriptions. */
const filterLimit = 256;

/** Throws SqlParseException for the SQL and InvalidRequestException for the rest. */
export function compileRule(ruleName: string, payload: TopicRulePayload, abilities: Abilities): CompiledRule {
  const statement = compileStatement(payload.sql, sqlVersionOf(payload), abilities.external);
  checkFilter(statement.filter);
  if (payload.actions.length > actionLimit) throw invalidRequest(`A rule has at most ${actionLimit} actions`);
  const { scope } = statement;
  const compile: CompileTemplate = (text, field) => compileTemplate(text, scope, field);
  // The templates of error actions may not call external functions (section 9).
  const compileWithout: CompileTemplate = (text, field) => compileTemplate(text, { ...scope, external: {} }, field);
  return {
    ruleName,
    statement,
    actions: payload.actions.map((action) => compileAction(action, abilities.kinds, compile)),
    errorAction: payload.errorAction && compileAction(payload.errorAction, abilities.kinds, compileWithout),
  };
}

function sqlVersionOf({ awsIotSqlVersion = defaultSqlVersion }: TopicRulePayload): SqlVersion {
  if (!sqlVersions.includes(awsIotSqlVersion)) {
    throw invalidRequest(`awsIotSqlVersion must be one of ${sqlVersions.join(', ')}`);
  }
  return awsIotSqlVersion as SqlVersion;
}

function checkFilter(filter: string | undefined): void {
  if (filter === undefined) return;
  if (!isValidFilter(filter) || filter.startsWith('$share/')) {
    throw invalidRequest(`'${filter}' in FROM is not a topic filter`);
  }
  if (Buffer.byteLength(filter) > filterLimit) {
    throw invalidRequest(`The topic filter in FROM is longer than ${filterLimit} bytes`);
  }
  if (filter.startsWith('$aws/rules/')) {
    throw invalidRequest('Topics of Basic Ingest ($aws/rules/…) cannot be used in FROM');
  }
}

function compileAction(action: Action, kinds: readonly ActionKind[], compile: CompileTemplate): CompiledAction {
  const members = Object.entries(action).filter(([, settings]) => settings !== undefined);
  if (members.length !== 1) throw invalidRequest('An action has exactly one member, which says its kind');
  const [name, settings] = members[0];
  const kind = kinds.find((known) => known.name === name);
  if (!kind) throw invalidRequest(`The action ${name} is not available in this installation`);
  return { label: kind.label, ...kind.prepare(settings, compile) };
}
