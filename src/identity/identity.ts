/**
 * Who is it, may it: the door of this folder. Joins certificates (X.509), policies and their evaluation, signatures
 * (SigV4) and access keys, and has the API's operations on them. Everything it answers is about now: certificates and
 * policies that change take effect at once.
 */
import type { Tag } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { RepeatedWarnings } from '../base/repeated-warnings.ts';
import type { Store, Write } from '../store/store.ts';
import { type AdminKey, createAccessKeys } from './access-key.ts';
import { refusedCertificate, refusedSignature } from './authentication-refusal.ts';
import type { Authority, Circumstances, ThingDirectory } from './authority.ts';
import { authorizerOperations } from './authorizer.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { AuthorizerRecords } from './authorizer-records.ts';
import { createCertificates } from './certificate.ts';
import type { CertificateRefusal } from './certificate-authentication.ts';
import { createCustomAuth } from './custom-auth.ts';
import { Denials } from './denials.ts';
import { effectivePolicyOperations } from './effective-policies.ts';
import { createEndpoints, ENDPOINT_TYPES, type EndpointType } from './endpoint.ts';
import type { KeyMaterial } from './key-material.ts';
import { createPolicies } from './policy.ts';
import { createPolicyAuthority } from './policy-authority.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { CertificatePrincipal, Principal, UserPrincipal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { createSigV4Verifier, type SignedRequest } from './sigv4.ts';

export type { AdminKey } from './access-key.ts';
export type { CustomLogin, CustomRefusal } from './custom-auth.ts';
export { authorizerNameIn, type CustomRequest } from './custom-request.ts';
export { folderKeyFiles, type KeyFiles, memoryKeyFiles, temporaryCaFile } from './key-files.ts';
export { CA_FILE, type KeyMaterial, openKeyMaterial } from './key-material.ts';
export { signV4 } from './sigv4-sign.ts';

export interface IdentityDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Real time, which clients sign with even where `clock` is a virtual one. */
  readonly wallClock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where refusals are logged. */
  readonly warnings: RepeatedWarnings;
  readonly place: Place;
  readonly keyMaterial: KeyMaterial;
  readonly things: ThingDirectory;
  /** Runs the functions of custom authorizers. */
  readonly functions: FunctionPort;
  /** The writes that give the resource of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
  /** The host name that DescribeEndpoint tells. */
  readonly host: string;
  /** The admin key of before, when this is not the first platform on its store; absent: kept in the store, or made. */
  readonly adminKey?: AdminKey;
  /** The policy document for clients nobody authenticated; absent: they may do everything. */
  readonly anonymousPolicy?: string;
}

export type Identity = Awaited<ReturnType<typeof createIdentity>>;

/** A question to the policies of a principal about a single request. */
export interface Question extends Circumstances {
  readonly principal: Principal;
  /** As `iot:Publish`. */
  readonly action: string;
  /** A whole ARN, or `*`. */
  readonly resource: string;
}

export async function createIdentity(deps: IdentityDeps) {
  const { clock, log, place } = deps;
  const accessKeys = createAccessKeys({ ...deps, account: place.account });
  const adminKey = await accessKeys.ensureAdminKey(deps.adminKey);
  const { findAccessKey } = accessKeys;
  const verifySigV4 = createSigV4Verifier({ findAccessKey, clock: deps.wallClock, region: place.region });
  const certificateExists = (arn: string): Promise<boolean> => certificates.principals.exists(arn);
  const certificateAttributes = (certificateId: string) => certificates.attributes(certificateId);
  const policies = createPolicies({ ...deps, certificateExists });
  const certificates = createCertificates({ ...deps, policies: policies.attachments });
  // A certificate's deletion takes its policies with it: nobody must go on with those in memory.
  certificates.onStatusChange((certificateId, status) => {
    if (status === 'DELETED') void policies.records.changed({ target: iotArn(place, `cert/${certificateId}`) });
  });
  const records = new AuthorizerRecords(deps.store, place);
  const customAuth = createCustomAuth({ ...deps, records });
  const endpoints = createEndpoints({ hosts: sameHost(deps.host) });
  const denials = new Denials(deps);
  const authority = createPolicyAuthority({
    policies: {
      policiesOf: async (arn) => {
        const [attached, given] = await Promise.all([
          policies.records.policiesOf(arn),
          certificates.servicePolicies(arn),
        ]);
        return [...attached, ...given];
      },
      onChange: (listener) => policies.records.onChange(listener),
    },
    onRefusal: (question, decide) => denials.denied(question, decide),
    things: deps.things,
    certificateAttributes,
    ...(deps.anonymousPolicy !== undefined && {
      anonymousPolicy: anonymousDocument(deps.anonymousPolicy),
    }),
    place,
    clock,
    log,
  });

  return {
    operations: {
      ...certificates.operations,
      ...policies.operations,
      ...authorizerOperations({ ...deps, records }),
      ...effectivePolicyOperations({ ...deps, certificateExists, certificateAttributes, records: policies.records }),
      ...endpoints.operations,
    },
    adminKey,
    /** Makes certificates for other parts of the platform: statuses, lifetimes and rights that the API does not give. */
    issuing: certificates.issuing,

    /** Who a client is whom a custom authorizer may know. */
    customAuth,

    /** Whether the ARN names a registered certificate. */
    exists: certificateExists,

    /** Whether the ARN names a policy. */
    policyExists: async (arn: string): Promise<boolean> =>
      (await policies.records.policies.get(arn.slice(arn.indexOf('/') + 1))) !== undefined,

    /** Whether the ARN names a custom authorizer. */
    authorizerExists: async (arn: string): Promise<boolean> =>
      (await records.get(arn.slice(arn.indexOf('/') + 1))) !== undefined,

    /** What thing groups need to know of the policies attached to them. */
    policyTargets: policies.attachments,

    /** Who shows this certificate (DER), or why it is not accepted, which the operator is told already. */
    async authenticateCertificate(der: Buffer, sourceIp: string): Promise<CertificatePrincipal | CertificateRefusal> {
      const found = await certificates.authenticateCertificate(der);
      if (found.kind === 'refusal') denials.refused(refusedCertificate(found, sourceIp));
      return found;
    },

    /**
     * Who signed the request, for one of `allowedServices` (names in credential scopes). Throws a ServiceError when
     * nobody valid did (sigv4.md section 4), after telling the operator.
     */
    async verifySignature(
      request: SignedRequest,
      allowedServices: readonly string[],
      sourceIp: string,
    ): Promise<UserPrincipal> {
      try {
        return (await verifySigV4(request, allowedServices)).principal;
      } catch (error) {
        if (error instanceof ServiceError) denials.refused(refusedSignature(error, request, sourceIp));
        throw error;
      }
    },

    /** What others refuse for reasons of their own, for the operator to know. */
    refused: (refusal: Refusal): void => denials.refused(refusal),

    /** The newest refusals, and how many there were by reason. */
    denials: denials as Pick<Denials, 'list' | 'counts'>,

    /** Decisions of policies by action. */
    decisions: authority.counts,

    /** The policies of a client that is connecting; whoever opens them releases them. */
    openAuthority: (principal: Principal, circumstances: Circumstances): Promise<Authority> =>
      authority.openAuthority(principal, circumstances),

    /** Throws ForbiddenException unless the principal's policies allow it. */
    async authorize({ principal, action, resource, ...circumstances }: Question): Promise<void> {
      const decision = await authority.decide(principal, circumstances, action, resource);
      if (decision.outcome !== 'ALLOWED') throw new ServiceError('ForbiddenException', 'Forbidden');
    },

    /** Calls `listener` when a certificate stops being active, or is deleted; returns how to stop. */
    onCertificateEnd: (listener: (certificateId: string) => void): (() => void) =>
      certificates.onStatusChange((certificateId, status) => {
        if (status !== 'ACTIVE') listener(certificateId);
      }),
  };
}

function anonymousDocument(text: string): NamedDocument {
  return { policyName: 'anonymous', policyArn: 'anonymous', document: parsePolicyDocument(text) };
}

/** Every endpoint is served on the same host. */
function sameHost(host: string): Record<EndpointType, string> {
  return Object.fromEntries(ENDPOINT_TYPES.map((type) => [type, host])) as Record<EndpointType, string>;
}
