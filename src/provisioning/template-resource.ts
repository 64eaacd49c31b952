/**
 * The resources of a template: at most one thing, at most one certificate, policies (identity-registry-provisioning.md
 * section 5). Parsed without the values of parameters, planned with them; `template.ts` calls both. What a plan holds has
 * been checked against the service's rules for names and values, as nobody else does so for what does not come by HTTP.
 */
import type { JsonValue } from '../api/json.ts';
import { checkMembers, element, member, TemplateError, unknownMember } from './template-error.ts';
import { type Expression, isList, isObject, isText, parseExpression, type Scope } from './template-expression.ts';
import { jsonOf, listOf, textOf, type Values } from './template-functions.ts';

/** What happens to a part of a resource that is there already. */
export type Override = 'DO_NOTHING' | 'REPLACE' | 'MERGE' | 'FAIL';

export interface ThingPlan {
  readonly logicalName: string;
  readonly thingName: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly thingTypeName?: string;
  readonly thingGroups?: readonly string[];
  /** For a new thing only. */
  readonly billingGroup?: string;
  readonly override: Readonly<Record<'AttributePayload' | 'ThingTypeName' | 'ThingGroups', Override>>;
}

export type CertificateSource =
  | { readonly kind: 'id'; readonly certificateId: string }
  | { readonly kind: 'csr'; readonly certificateSigningRequest: string }
  | { readonly kind: 'pem'; readonly certificatePem: string; readonly caCertificatePem?: string };

export interface CertificatePlan {
  readonly logicalName: string;
  readonly source: CertificateSource;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly override: Override;
}

export type PolicyPlan = { readonly logicalName: string } & (
  | { readonly policyName: string }
  | { readonly policyDocument: string }
);

export interface Resource {
  readonly logicalName: string;
  readonly path: string;
  readonly properties: ReadonlyMap<string, Expression>;
  readonly override: ReadonlyMap<string, Override>;
}

export interface Resources {
  readonly thing?: Resource;
  readonly certificate?: Resource;
  readonly policies: readonly Resource[];
}

interface Kind {
  readonly properties: readonly string[];
  /** What of it can be overridden, and how. */
  readonly override: Readonly<Record<string, readonly Override[]>>;
  readonly check: (resource: Resource) => void;
}

const MERGEABLE: readonly Override[] = ['DO_NOTHING', 'REPLACE', 'MERGE', 'FAIL'];
const REPLACEABLE: readonly Override[] = ['DO_NOTHING', 'REPLACE', 'FAIL'];
const CERTIFICATE_SOURCES = ['CertificateSigningRequest', 'CertificateId', 'CertificatePem'];

const kinds: Readonly<Record<string, Kind>> = {
  'AWS::IoT::Thing': {
    properties: ['ThingName', 'AttributePayload', 'ThingTypeName', 'ThingGroups', 'BillingGroup'],
    override: { AttributePayload: MERGEABLE, ThingTypeName: REPLACEABLE, ThingGroups: MERGEABLE },
    check: ({ path, properties }) => {
      if (!properties.has('ThingName')) throw new TemplateError(member(path, 'Properties'), 'must have a ThingName');
      const attributes = properties.get('AttributePayload');
      if (attributes && attributes.kind !== 'object') throw new TemplateError(attributes.path, 'must be an object');
      for (const value of attributes?.members.values() ?? []) requireText(value);
      const groups = properties.get('ThingGroups');
      if (groups && !isList(groups)) throw new TemplateError(groups.path, 'must be a list');
      for (const name of ['ThingName', 'ThingTypeName', 'BillingGroup']) requireText(properties.get(name));
    },
  },
  'AWS::IoT::Certificate': {
    properties: [...CERTIFICATE_SOURCES, 'CACertificatePem', 'Status'],
    override: { Status: REPLACEABLE },
    check: ({ path, properties }) => {
      for (const value of properties.values()) requireText(value);
      const sources = CERTIFICATE_SOURCES.filter((name) => properties.has(name));
      if (sources.length !== 1) {
        throw new TemplateError(
          member(path, 'Properties'),
          `must have exactly one of ${CERTIFICATE_SOURCES.join(', ')}`,
        );
      }
      const ca = properties.get('CACertificatePem');
      if (ca && sources[0] !== 'CertificatePem') throw new TemplateError(ca.path, 'goes only with a CertificatePem');
      const status = properties.get('Status');
      if (status?.kind === 'literal') statusOf(status, String(status.value));
    },
  },
  'AWS::IoT::Policy': {
    properties: ['PolicyName', 'PolicyDocument'],
    override: {},
    check: ({ path, properties }) => {
      if (properties.size !== 1) {
        throw new TemplateError(member(path, 'Properties'), 'must have either a PolicyName or a PolicyDocument');
      }
      requireText(properties.get('PolicyName'));
      const document = properties.get('PolicyDocument');
      if (document && isList(document)) throw new TemplateError(document.path, 'must be a text or an object');
    },
  },
};

export function parseResources(json: JsonValue | undefined, scope: Scope): Resources {
  if (!isObject(json) || Object.keys(json).length === 0) {
    throw new TemplateError('Resources', 'must be an object with one resource at least');
  }
  const found = Object.entries(json).map(([logicalName, resource]) => parseResource(logicalName, resource, scope));
  const ofType = (type: string): Resource[] => found.filter((it) => it.type === type).map((it) => it.resource);
  const [thing, secondThing] = ofType('AWS::IoT::Thing');
  const [certificate, secondCertificate] = ofType('AWS::IoT::Certificate');
  const policies = ofType('AWS::IoT::Policy');
  if (secondThing) throw new TemplateError(secondThing.path, 'is a second thing; a template makes one');
  if (secondCertificate)
    throw new TemplateError(secondCertificate.path, 'is a second certificate; a template makes one');
  if (policies.length > 0 && !certificate) {
    throw new TemplateError(policies[0].path, 'is attached to the certificate, and there is none');
  }
  return { ...(thing && { thing }), ...(certificate && { certificate }), policies };
}

export function planThing({ logicalName, properties, override }: Resource, values: Values): ThingPlan {
  const name = (property: string): string | undefined => {
    const expression = properties.get(property);
    return expression && checked(expression, textOf(expression, values), NAME, 'a name of letters, digits, : _ -');
  };
  const thingTypeName = name('ThingTypeName');
  const billingGroup = name('BillingGroup');
  const attributes = properties.get('AttributePayload');
  const groups = properties.get('ThingGroups');
  return {
    logicalName,
    thingName: name('ThingName') as string,
    ...(attributes && { attributes: attributesOf(attributes, values) }),
    ...(thingTypeName !== undefined && { thingTypeName }),
    ...(groups && { thingGroups: groupsOf(groups, values) }),
    ...(billingGroup !== undefined && { billingGroup }),
    override: {
      AttributePayload: override.get('AttributePayload') ?? 'DO_NOTHING',
      ThingTypeName: override.get('ThingTypeName') ?? 'DO_NOTHING',
      ThingGroups: override.get('ThingGroups') ?? 'DO_NOTHING',
    },
  };
}

export function planCertificate({ logicalName, properties, override }: Resource, values: Values): CertificatePlan {
  const status = properties.get('Status');
  return {
    logicalName,
    source: sourceOf(properties, values),
    status: status ? statusOf(status, textOf(status, values)) : 'ACTIVE',
    override: override.get('Status') ?? 'REPLACE',
  };
}

export function planPolicy({ logicalName, properties }: Resource, values: Values): PolicyPlan {
  const name = properties.get('PolicyName');
  if (name) {
    const policyName = checked(name, textOf(name, values), POLICY_NAME, 'the name of a policy');
    return { logicalName, policyName };
  }
  const document = properties.get('PolicyDocument') as Expression;
  const isWrittenOut = document.kind === 'object';
  const policyDocument = isWrittenOut ? JSON.stringify(jsonOf(document, values)) : textOf(document, values);
  return { logicalName, policyDocument };
}

function parseResource(logicalName: string, json: JsonValue, scope: Scope): { type: string; resource: Resource } {
  const path = member('Resources', logicalName);
  if (!isObject(json)) throw new TemplateError(path, 'must be an object with Type and Properties');
  checkMembers(json, ['Type', 'Properties', 'OverrideSettings'], path);
  const type = String(json.Type);
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind) throw new TemplateError(member(path, 'Type'), `must be one of ${Object.keys(kinds).join(', ')}`);
  const resource: Resource = {
    logicalName,
    path,
    properties: parseProperties(json.Properties, member(path, 'Properties'), kind, scope),
    override: parseOverride(json.OverrideSettings, member(path, 'OverrideSettings'), kind),
  };
  kind.check(resource);
  return { type, resource };
}

function parseProperties(json: JsonValue | undefined, path: string, kind: Kind, scope: Scope) {
  if (!isObject(json)) throw new TemplateError(path, 'must be an object');
  const properties = new Map<string, Expression>();
  for (const [name, value] of Object.entries(json)) {
    const at = member(path, name);
    if (!kind.properties.includes(name)) throw unknownMember(at, name, kind.properties);
    properties.set(name, parseExpression(value, at, scope));
  }
  return properties;
}

/** Names are spelt `AttributePayload` or `ATTRIBUTE_PAYLOAD`. */
function parseOverride(json: JsonValue | undefined, path: string, kind: Kind): ReadonlyMap<string, Override> {
  const override = new Map<string, Override>();
  if (json === undefined) return override;
  if (!isObject(json)) throw new TemplateError(path, 'must be an object');
  const known = Object.keys(kind.override);
  for (const [spelt, value] of Object.entries(json)) {
    const at = member(path, spelt);
    const name = known.find((one) => one === spelt || one.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() === spelt);
    if (name === undefined) throw unknownMember(at, spelt, known);
    const allowed = kind.override[name];
    const action = allowed.find((one) => one === value);
    if (!action) throw new TemplateError(at, `must be one of ${allowed.join(', ')}`);
    override.set(name, action);
  }
  return override;
}

function requireText(expression: Expression | undefined): void {
  if (expression && !isText(expression)) throw new TemplateError(expression.path, 'must be a text');
}

/** The service model's patterns. */
const NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;
const CERTIFICATE = /^[0-9a-f]{64}$/;
const LONGEST_CSR = 4096;
const LONGEST_PEM = 65_536;

function checked(expression: Expression, text: string, pattern: RegExp, wanted: string): string {
  if (pattern.test(text)) return text;
  throw new TemplateError(expression.path, `must be ${wanted}, not '${text.slice(0, 200)}'`);
}

function attributesOf(payload: Expression, values: Values): Readonly<Record<string, string>> {
  const entries = payload.kind === 'object' ? [...payload.members] : [];
  return Object.fromEntries(
    entries.map(([name, expression]) => {
      if (!ATTRIBUTE_NAME.test(name)) throw new TemplateError(expression.path, 'is not the name of an attribute');
      const text = textOf(expression, values);
      return [name, checked(expression, text, ATTRIBUTE_VALUE, 'the value of an attribute (no spaces)')];
    }),
  );
}

function groupsOf(expression: Expression, values: Values): readonly string[] {
  const names = listOf(expression, values);
  const wrong = names.findIndex((name) => !NAME.test(name));
  if (wrong >= 0) throw new TemplateError(element(expression.path, wrong), 'must be the name of a thing group');
  return [...new Set(names)];
}

function sourceOf(properties: ReadonlyMap<string, Expression>, values: Values): CertificateSource {
  const id = properties.get('CertificateId');
  if (id) {
    const certificateId = checked(
      id,
      textOf(id, values).toLowerCase(),
      CERTIFICATE,
      'a certificate id of 64 hex digits',
    );
    return { kind: 'id', certificateId };
  }
  const csr = properties.get('CertificateSigningRequest');
  if (csr) return { kind: 'csr', certificateSigningRequest: pemOf(csr, values, LONGEST_CSR) };
  const ca = properties.get('CACertificatePem');
  return {
    kind: 'pem',
    certificatePem: pemOf(properties.get('CertificatePem') as Expression, values, LONGEST_PEM),
    ...(ca && { caCertificatePem: pemOf(ca, values, LONGEST_PEM) }),
  };
}

function pemOf(expression: Expression, values: Values, longest: number): string {
  const text = textOf(expression, values);
  if (text !== '' && text.length <= longest) return text;
  throw new TemplateError(expression.path, `must be PEM of 1 to ${longest} characters`);
}

/** Templates in the wild write `Active` as well. */
function statusOf({ path }: Expression, text: string): 'ACTIVE' | 'INACTIVE' {
  const status = text.toUpperCase();
  if (status === 'ACTIVE' || status === 'INACTIVE') return status;
  throw new TemplateError(path, `must be ACTIVE or INACTIVE, not '${text.slice(0, 200)}'`);
}
