/**
 * The grammar of IoT policy documents (policies.md section 2): JSON text in, statements ready to be judged out.
 * Called when a policy is stored, so that what is stored can be enforced, and when it is loaded. Strict: what is not
 * understood is refused, never passed over. Throws nothing but MalformedPolicyException, and says where the mistake is.
 *
 * When an element is given twice the last one counts, as in every JSON reader; all decisions use this one reading.
 */
import { messageOf, ServiceError } from '../base/errors.ts';
import { type Condition, parseConditions } from './policy-condition.ts';
import { parseTemplate, type Template, TemplateError } from './policy-match.ts';

export interface PolicyDocument {
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
  /** Every context key that a variable or condition of the document asks for, normalised. */
  readonly contextKeys: ReadonlySet<string>;
}

export interface Statement {
  /** Its place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Patterns in lower case, without variables. */
  readonly actions: readonly Template[];
  /** NotAction: all actions but these. */
  readonly isNotAction: boolean;
  readonly resources: readonly Template[];
  /** NotResource: all resources but these. */
  readonly isNotResource: boolean;
  readonly conditions: readonly Condition[];
}

/** Characters of a document that are not white space. */
const LONGEST_DOCUMENT = 2048;
/** With white space: what the API's model lets through. Other sources of documents are held to it too. */
const LONGEST_TEXT = 404_600;

const DOCUMENT_ELEMENTS = ['Version', 'Id', 'Statement'];
const STATEMENT_ELEMENTS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/**
 * Reads a document of at most `longest` characters besides white space: of IoT policies 2,048, and roles may have more.
 * Throws MalformedPolicyException.
 */
export function parsePolicyDocument(text: string, longest = LONGEST_DOCUMENT): PolicyDocument {
  checkSize(text, longest);
  const document = elements(parseJson(text), '', DOCUMENT_ELEMENTS);
  const version = document['Version'] ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformed('Version', 'must be "2012-10-17" or "2008-10-17"');
  }
  if (document['Id'] !== undefined && typeof document['Id'] !== 'string') throw malformed('Id', 'must be a string');
  const given = document['Statement'];
  if (given === undefined) throw malformed('', 'it has no Statement');
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw malformed('Statement', 'must be a statement or a list of at least one');
  const variables = version === '2012-10-17';
  const statements = list.map((statement, index) => parseStatement(statement, index, variables));
  return { version, statements, contextKeys: new Set(statements.flatMap(contextKeysOf)) };
}

function contextKeysOf({ resources, conditions }: Statement): string[] {
  const templates = [...resources, ...conditions.flatMap((condition) => condition.values)];
  const variables = templates.flatMap((template) => template.variables.map((variable) => variable.key));
  return [...variables, ...conditions.map((condition) => condition.key)];
}

function checkSize(text: string, longest: number): void {
  const size = text.length > LONGEST_TEXT ? text.length : text.replace(/\s+/g, '').length;
  if (size > longest) {
    throw malformed('', `it has ${size} characters without white space, more than ${longest}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed('', `it is not JSON: ${messageOf(error)}`);
  }
}

function parseStatement(given: unknown, index: number, variables: boolean): Statement {
  const path = `Statement[${index}]`;
  const statement = elements(given, path, STATEMENT_ELEMENTS);
  const { Sid: sid, Effect: effect, Condition: condition } = statement;
  if (sid !== undefined && typeof sid !== 'string') throw malformed(`${path}.Sid`, 'must be a string');
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`${path}.Effect`, 'must be "Allow" or "Deny"');
  const actions = eitherOf(statement, path, 'Action', 'NotAction');
  const resources = eitherOf(statement, path, 'Resource', 'NotResource');
  return {
    index,
    sid,
    effect,
    actions: actions.values.map((action) => parseAction(action, actions.path)),
    isNotAction: actions.isNegated,
    resources: resources.values.map((resource) => parseResource(resource, resources.path, variables)),
    isNotResource: resources.isNegated,
    conditions:
      condition === undefined
        ? []
        : parseConditions(condition, variables, (where, message) => malformed(`${path}.${where}`, message)),
  };
}

/** The element `name` or its opposite, of which there must be exactly one. */
function eitherOf(
  statement: Readonly<Record<string, unknown>>,
  path: string,
  name: string,
  opposite: string,
): { values: readonly string[]; isNegated: boolean; path: string } {
  const isNegated = statement[opposite] !== undefined;
  if (isNegated && statement[name] !== undefined) throw malformed(path, `has both ${name} and ${opposite}`);
  const given = isNegated ? statement[opposite] : statement[name];
  if (given === undefined) throw malformed(path, `must have ${name} or ${opposite}`);
  const at = `${path}.${isNegated ? opposite : name}`;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every((value) => typeof value === 'string')) {
    throw malformed(at, 'must be a string or a list of at least one string');
  }
  return { values: list, isNegated, path: at };
}

function parseAction(action: string, path: string): Template {
  if (!/^([a-z0-9*?-]+:[a-z0-9*?]+|\*)$/i.test(action)) {
    throw malformed(path, `has ${quote(action)}, which is not an action such as "iot:Publish"`);
  }
  return parseTemplate(action.toLowerCase(), { variables: false, wildcards: true });
}

function parseResource(resource: string, path: string, variables: boolean): Template {
  if (!/^(arn:|[*?$])/.test(resource)) throw malformed(path, `has ${quote(resource)}, which is neither "*" nor an ARN`);
  try {
    return parseTemplate(resource, { variables, wildcards: true });
  } catch (error) {
    if (error instanceof TemplateError) throw malformed(path, `has ${quote(resource)}: ${error.message}`);
    throw error;
  }
}

/** The members of an object, all of which must be known. */
function elements(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw path ? malformed(path, 'must be an object') : malformed('', 'it is not an object');
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw malformed(path || 'the document', `has the unknown element ${quote(name)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function malformed(path: string, message: string): ServiceError {
  return new ServiceError('MalformedPolicyException', `Policy document is malformed: ${path && path + ' '}${message}`);
}

/** A text of the document for a message, where a long one would hide the mistake. */
function quote(text: string): string {
  return `"${text.length > 100 ? text.slice(0, 100) + '…' : text}"`;
}
