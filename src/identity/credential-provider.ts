/**
 * The credential provider (gateway-broker.md section 12): a device shows its certificate, names a role alias, and gets
 * temporary credentials of the role. The HTTP side is `api/credentials.ts`; here is decided who gets what. Every refusal
 * looks the same to a device; the reason is in `detail`, for the log.
 */
import type { Clock } from '../base/clock.ts';
import { notFound, ServiceError } from '../base/errors.ts';
import type { AccessRecords } from './access-records.ts';
import type { AssociatedThing, Circumstances, ThingDirectory } from './authority.ts';
import type { PolicyAuthority } from './policy-authority.ts';
import type { CertificatePrincipal } from './principal.ts';
import type { RoleAliases, RoleAliasRecord } from './role-alias.ts';
import type { RoleSessions, TemporaryCredentials } from './role-session.ts';
import { parseTrustPolicy, trustOf } from './trust-policy.ts';

export interface CredentialProviderDeps {
  readonly records: AccessRecords;
  readonly sessions: RoleSessions;
  readonly aliases: Pick<RoleAliases, 'find' | 'arn'>;
  readonly things: Pick<ThingDirectory, 'associatedThing'>;
  readonly decide: PolicyAuthority['decide'];
  /** Issues the credentials in the place of our own roles; absent: roles are those made here. */
  readonly outside?: OutsideRoles;
  readonly clock: Clock;
  /** 12 digits. */
  readonly account: string;
}

/** An STS elsewhere. */
export interface OutsideRoles {
  /** Throws a ServiceError when it refuses or cannot be reached. */
  assume(request: {
    readonly roleArn: string;
    readonly sessionName: string;
    readonly durationSeconds: number;
  }): Promise<IssuedCredentials>;
}

export type IssuedCredentials = Omit<TemporaryCredentials, 'principal'>;

export interface CredentialRequest extends Pick<Circumstances, 'sourceIp' | 'secure'> {
  readonly roleAlias: string;
  readonly device: CertificatePrincipal;
  /** The thing the device says it is. */
  readonly thingName?: string;
}

/** Throws ResourceNotFoundException for an unknown alias, else AccessDeniedException. */
export type ProvideCredentials = (request: CredentialRequest) => Promise<IssuedCredentials>;

const SERVICE = 'credentials.iot.amazonaws.com';

export function createCredentialProvider(deps: CredentialProviderDeps): ProvideCredentials {
  const { aliases, things, decide } = deps;
  return async ({ roleAlias, device, thingName, sourceIp, secure }) => {
    const alias = await aliases.find(roleAlias);
    if (!alias) throw notFound('Role alias does not exist');
    const aliasArn = aliases.arn(roleAlias);
    const circumstances = { sourceIp, secure, ...(thingName !== undefined && { thingName }) };
    const { outcome } = await decide(device, circumstances, 'iot:AssumeRoleWithCertificate', aliasArn);
    if (outcome !== 'ALLOWED') {
      throw denied(`${device.arn} may not iot:AssumeRoleWithCertificate on ${aliasArn}: ${outcome}`);
    }
    const thing = thingName === undefined ? undefined : await attachedThing(things, device, thingName);
    if (deps.outside) {
      const { roleArn, durationSeconds } = alias;
      return deps.outside.assume({ roleArn, durationSeconds, sessionName: device.id });
    }
    return issue(deps, alias, aliasArn, device, thing);
  };
}

async function attachedThing(
  things: Pick<ThingDirectory, 'associatedThing'>,
  device: CertificatePrincipal,
  thingName: string,
): Promise<AssociatedThing> {
  const thing = await things.associatedThing(device.arn, thingName);
  if (thing?.thingName === thingName && thing.isAttached) return thing;
  throw denied(`${device.arn} is not attached to the thing ${thingName}`);
}

async function issue(
  { records, sessions, account }: CredentialProviderDeps,
  { roleArn, durationSeconds }: RoleAliasRecord,
  aliasArn: string,
  device: CertificatePrincipal,
  thing: AssociatedThing | undefined,
): Promise<IssuedCredentials> {
  const found = await records.roleOf(roleArn);
  if (!found) throw denied(`the role ${roleArn} does not exist`);
  const facts: Readonly<Record<string, string>> = { 'aws:sourcearn': aliasArn, 'aws:sourceaccount': account };
  const lookup = (key: string): readonly string[] | undefined => (Object.hasOwn(facts, key) ? [facts[key]] : undefined);
  const candidate = { kind: 'service', name: SERVICE } as const;
  if (trustOf(parseTrustPolicy(found.role.trustPolicy), candidate, 'sts:AssumeRole', lookup) === 'NONE') {
    throw denied(`the role ${roleArn} does not trust ${SERVICE}`);
  }
  if (durationSeconds > found.role.maxSessionSeconds) {
    throw denied(`the role ${roleArn} gives sessions of at most ${found.role.maxSessionSeconds} seconds`);
  }
  return sessions.issue({
    ...found,
    // The certificate's id, by which the session is recognised wherever its principal is shown.
    sessionName: device.id,
    durationSeconds,
    context: {
      'credentials-iot:awscertificateid': device.id,
      ...(thing && { 'credentials-iot:thingname': thing.thingName }),
      ...(thing?.thingTypeName !== undefined && { 'credentials-iot:thingtypename': thing.thingTypeName }),
    },
  });
}

function denied(detail: string): ServiceError {
  return new ServiceError('AccessDeniedException', 'Access Denied', { detail });
}
