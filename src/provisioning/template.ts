/**
 * Provisioning templates: what a JSON text says is to be made, first without the values of its parameters
 * (`parseTemplate`), then with them (`planOf`). Pure: `register.ts` carries plans out (identity-registry-provisioning.md
 * section 5). Anything may come in here: the outcome is a plan or a TemplateError that says where in the template.
 */
import type { JsonValue } from '../api/json.ts';
import { messageOf } from '../base/errors.ts';
import { checkMembers, member, TemplateError } from './template-error.ts';
import {
  type Expression,
  isObject,
  isText,
  type Mappings,
  parseExpression,
  type Scope,
} from './template-expression.ts';
import { textOf, type Values } from './template-functions.ts';
import {
  type CertificatePlan,
  type PolicyPlan,
  parseResources,
  planCertificate,
  planPolicy,
  planThing,
  type Resources,
  type ThingPlan,
} from './template-resource.ts';

export { TemplateError } from './template-error.ts';
export type { CertificatePlan, PolicyPlan, ThingPlan } from './template-resource.ts';

export interface Template {
  /** Each with its default, if it has one. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
  readonly mappings: Mappings;
  readonly resources: Resources;
  readonly deviceConfiguration: ReadonlyMap<string, Expression>;
}

/** What is to be made. */
export interface ProvisioningPlan {
  readonly thing?: ThingPlan;
  readonly certificate?: CertificatePlan;
  /** All go to the certificate. */
  readonly policies: readonly PolicyPlan[];
  /** For the device. */
  readonly deviceConfiguration: Readonly<Record<string, string>>;
}

/** Characters of a template's text (section 7). */
export const LONGEST_TEMPLATE = 10_240;
export const CERTIFICATE_ID = 'AWS::IoT::Certificate::Id';
/** The parameters whose values come from the certificate. Templates in the wild use them without declaring them. */
export const PSEUDO_PARAMETERS: readonly string[] = [
  CERTIFICATE_ID,
  'AWS::IoT::Certificate::Country',
  'AWS::IoT::Certificate::Organization',
  'AWS::IoT::Certificate::OrganizationalUnit',
  'AWS::IoT::Certificate::DistinguishedNameQualifier',
  'AWS::IoT::Certificate::StateName',
  'AWS::IoT::Certificate::CommonName',
  'AWS::IoT::Certificate::SerialNumber',
];

const SECTIONS = ['Parameters', 'Mappings', 'Resources', 'DeviceConfiguration'];
const PARAMETER_MEMBERS = ['Type', 'Default'];

export function parseTemplate(body: string): Template {
  if (body.length > LONGEST_TEMPLATE) throw new TemplateError('', `is longer than ${LONGEST_TEMPLATE} characters`);
  const json = readJson(body);
  if (!isObject(json)) throw new TemplateError('', 'must be a JSON object');
  checkMembers(json, SECTIONS, '');
  const parameters = parseParameters(json.Parameters);
  const mappings = parseMappings(json.Mappings);
  const isParameter = (name: string): boolean => parameters.has(name) || PSEUDO_PARAMETERS.includes(name);
  const scope: Scope = { parameters: { has: isParameter }, mappings };
  return {
    parameters,
    mappings,
    resources: parseResources(json.Resources, scope),
    deviceConfiguration: parseConfiguration(json.DeviceConfiguration, scope),
  };
}

/** What the template makes of these parameters. Those it does not declare are passed over. */
export function planOf(template: Template, given: Readonly<Record<string, string>>): ProvisioningPlan {
  const { thing, certificate, policies } = template.resources;
  const parameters = new Map<string, string>();
  for (const name of [...PSEUDO_PARAMETERS, ...template.parameters.keys()]) {
    const value = Object.hasOwn(given, name) ? given[name] : template.parameters.get(name);
    if (value !== undefined) parameters.set(name, value);
  }
  const values: Values = { parameters, mappings: template.mappings };
  const configuration = [...template.deviceConfiguration].map(([name, value]) => [name, textOf(value, values)]);
  return {
    ...(thing && { thing: planThing(thing, values) }),
    ...(certificate && { certificate: planCertificate(certificate, values) }),
    policies: policies.map((policy) => planPolicy(policy, values)),
    deviceConfiguration: Object.fromEntries(configuration),
  };
}

function readJson(body: string): JsonValue {
  try {
    return JSON.parse(body) as JsonValue;
  } catch (error) {
    throw new TemplateError('', `is not JSON: ${messageOf(error)}`);
  }
}

function parseParameters(json: JsonValue | undefined): ReadonlyMap<string, string | undefined> {
  const parameters = new Map<string, string | undefined>();
  for (const [name, declaration] of membersOf(json, 'Parameters')) {
    const path = member('Parameters', name);
    if (!isObject(declaration)) throw new TemplateError(path, 'must be an object with a Type');
    checkMembers(declaration, PARAMETER_MEMBERS, path);
    if (declaration.Type !== 'String') throw new TemplateError(member(path, 'Type'), "must be 'String'");
    const { Default: byDefault } = declaration;
    if (byDefault !== undefined && typeof byDefault !== 'string') {
      throw new TemplateError(member(path, 'Default'), 'must be a text');
    }
    parameters.set(name, byDefault);
  }
  return parameters;
}

function parseMappings(json: JsonValue | undefined): Mappings {
  const nested = <T>(value: JsonValue | undefined, path: string, inner: (json: JsonValue, path: string) => T) =>
    new Map(membersOf(value, path).map(([name, it]): [string, T] => [name, inner(it, member(path, name))]));
  return nested(json, 'Mappings', (map, mapPath) =>
    nested(map, mapPath, (keys, keysPath) =>
      nested(keys, keysPath, (value, path) => {
        if (typeof value !== 'string')
          throw new TemplateError(path, 'must be a text: functions do not work in Mappings');
        return value;
      }),
    ),
  );
}

function parseConfiguration(json: JsonValue | undefined, scope: Scope): ReadonlyMap<string, Expression> {
  const entries = membersOf(json, 'DeviceConfiguration').map(([name, value]): [string, Expression] => {
    const expression = parseExpression(value, member('DeviceConfiguration', name), scope);
    if (!isText(expression)) throw new TemplateError(expression.path, 'must be a text: the configuration is flat');
    return [name, expression];
  });
  return new Map(entries);
}

function membersOf(json: JsonValue | undefined, path: string): [string, JsonValue][] {
  if (json === undefined) return [];
  if (!isObject(json)) throw new TemplateError(path, 'must be an object');
  return Object.entries(json);
}
