/**
 * What a control-plane operation acts on, as ARNs for the caller's policies: the names in its path, else the names or
 * ARNs at the top of its body, else `*`. Operations that list are asked with `*` unless their path has a name.
 */
import { iotArn, type Place } from '../base/arn.ts';
import type { Structure } from './decode.ts';
import type { Operation } from './model.ts';

/** Member that names a resource → the type in its ARN. Where the model calls two kinds the same, the operation decides. */
const types: Readonly<Record<string, string>> = {
  actionName: 'mitigationaction',
  authorizerName: 'authorizer',
  billingGroupName: 'billinggroup',
  caCertificateId: 'cacert',
  certificateId: 'cert',
  certificateProviderName: 'certificateprovider',
  commandId: 'command',
  domainConfigurationName: 'domainconfiguration',
  indexName: 'index',
  jobId: 'job',
  jobTemplateId: 'jobtemplate',
  metricName: 'custommetric',
  name: 'dimension',
  otaUpdateId: 'otaupdate',
  packageName: 'package',
  policyName: 'policy',
  roleAlias: 'rolealias',
  ruleName: 'rule',
  scheduledAuditName: 'scheduledaudit',
  securityProfileName: 'securityprofile',
  streamId: 'stream',
  templateName: 'provisioningtemplate',
  thingGroupName: 'thinggroup',
  thingName: 'thing',
  thingTypeName: 'thingtype',
  tunnelId: 'tunnel',
};

/** Members that hold the ARN itself. */
const arnMembers: ReadonlySet<string> = new Set(['arn', 'resourceArn', 'thingArn', 'thingGroupArn', 'billingGroupArn']);

/** The ARNs to ask the policies about, all of which must be allowed; at least one. */
export function resourcesOf(operation: Operation, input: Structure, place: Place): string[] {
  const inPath: string[] = [];
  const inBody: string[] = [];
  for (const member of operation.input?.members.values() ?? []) {
    const value = input[member.name];
    if (typeof value !== 'string') continue;
    const arn = arnMembers.has(member.name) ? value : arnOf(member.name, value, operation.name, place);
    if (arn) (member.location === 'uri' ? inPath : inBody).push(arn);
  }
  if (inPath.length > 0) return inPath;
  return inBody.length > 0 && !operation.name.startsWith('List') ? inBody : ['*'];
}

/**
 * The tags that a request gives, for conditions on `aws:RequestTag/…`; undefined when it gives none. Models write them as a
 * list of pairs, as a map, or as the text of a header.
 */
export function tagsOf({ tags }: Structure): Readonly<Record<string, string>> | undefined {
  if (typeof tags === 'string') return Object.fromEntries(new URLSearchParams(tags));
  if (typeof tags !== 'object' || tags === null) return undefined;
  if (!Array.isArray(tags)) return tags as Readonly<Record<string, string>>;
  const pairs = tags.map(({ Key, key = Key, Value, value = Value }: Readonly<Record<string, string | undefined>>) => {
    return [key ?? '', value ?? ''];
  });
  return Object.fromEntries(pairs);
}

function arnOf(member: string, value: string, operation: string, place: Place): string | undefined {
  if (!Object.hasOwn(types, member)) return undefined;
  const isFleetMetric = member === 'metricName' && operation.includes('FleetMetric');
  return iotArn(place, `${isFleetMetric ? 'fleetmetric' : types[member]}/${value}`);
}
