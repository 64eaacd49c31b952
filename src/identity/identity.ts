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
import type { MessageBus } from '../broker/message.ts';
import type { Store, Write } from '../store/store.ts';
import { createAccess } from './access.ts';
import type { AdminKey } from './access-key.ts';
import { refusedCertificate, refusedSignature } from './authentication-refusal.ts';
import type { Authority, Circumstances, ThingDirectory } from './authority.ts';
import { authorizerOperations } from './authorizer.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { AuthorizerRecords } from './authorizer-records.ts';
import { createCertificates, type IssueOptions } from './certificate.ts';
import type { CertificateRefusal } from './certificate-authentication.ts';
import { type CsrOrigin, createCertificateProviders } from './certificate-provider.ts';
import { createCredentialProvider, type OutsideRoles, type ProvideCredentials } from './credential-provider.ts';
import { createCustomAuth } from './custom-auth.ts';
import { Denials } from './denials.ts';
import { domainConfigurationOperations } from './domain-configuration.ts';
import { DomainConfigurationRecords } from './domain-configuration-records.ts';
import { createDomains, ownNames } from './domains.ts';
import { effectivePolicyOperations } from './effective-policies.ts';
import { createEndpoints, ENDPOINT_TYPES, type EndpointType } from './endpoint.ts';
import type { KeyFiles } from './key-files.ts';
import type { KeyMaterial } from './key-material.ts';
import { createPolicies } from './policy.ts';
import { createPolicyAuthority } from './policy-authority.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { CertificatePrincipal, Principal, RolePrincipal, UserPrincipal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { Provisioning } from './registration-template.ts';
import { createRoleAliases } from './role-alias.ts';
import type { SecretBox } from './secret-box.ts';
import { createServerCertificates } from './server-certificate.ts';
import { createSigV4Verifier, type SignedRequest } from './sigv4.ts';

export type { AdminKey } from './access-key.ts';
export type { OutsideRoles } from './credential-provider.ts';
export type { CustomLogin, CustomRefusal } from './custom-auth.ts';
export { authorizerNameIn, type CustomRequest } from './custom-request.ts';
export type { Domain, ShownCertificates } from './domains.ts';
export { folderKeyFiles, type KeyFiles, memoryKeyFiles, sealedKeyFiles, temporaryCaFile } from './key-files.ts';
export { CA_FILE, type KeyMaterial, openKeyMaterial } from './key-material.ts';
export type { QueryContext, QueryInput, QueryOperation, QueryOperations } from './query-operation.ts';
export type { CertificateToProvision, Provisioning, RegistrationTemplate } from './registration-template.ts';
export { createSecretBox, type SecretBox } from './secret-box.ts';
export { signV4 } from './sigv4-sign.ts';

/** How a certificate came. */
export interface CertificateOrigin {
  /** SNI, without which some certificates are not accepted. */
  readonly serverName: string | undefined;
  /** What was sent along (DER). */
  readonly chain?: readonly Buffer[];
  readonly sourceIp: string;
}

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
  /** How secrets are kept in the store. */
  readonly secrets: SecretBox;
  readonly things: ThingDirectory;
  /** Tells the platform of certificates that registered themselves. */
  readonly publish: MessageBus['publish'];
  /** Runs the templates of CA certificates; absent until there is provisioning. */
  readonly provisioning?: Provisioning;
  /** The writes that give the resource of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
  /** Runs the functions of custom authorizers. */
  readonly functions: FunctionPort;
  /** Where the operator keeps certificates for domain configurations; absent: the root CA issues them all. */
  readonly certificateFiles?: Pick<KeyFiles, 'read'>;
  /** The host name that DescribeEndpoint tells. */
  readonly host: string;
  /** The admin key of before, when this is not the first platform on its store; absent: kept in the store, or made. */
  readonly adminKey?: AdminKey;
  /** The policy document for clients nobody authenticated; absent: they may do everything. */
  readonly anonymousPolicy?: string;
  /** For conditions on `aws:ResourceTag/…`: the tags of a resource, by its ARN; absent: nobody knows any. */
  readonly resourceTags?: (arn: string) => Promise<Readonly<Record<string, string>> | undefined>;
  /** An STS elsewhere whose roles devices get; absent: they get those made here. */
  readonly outsideRoles?: OutsideRoles;
}

type Requester = Omit<CsrOrigin, 'certificateSigningRequest'>;

export type Identity = Awaited<ReturnType<typeof createIdentity>>;

/** A question to the policies of a principal about a single request. */
export interface Question extends Circumstances {
  readonly principal: Principal;
  /** As `iot:Publish`. */
  readonly action: string;
  /** A whole ARN, or `*`. */
  readonly resource: string;
  /** Decides how a refusal reads: the data plane tells a client nothing. Absent: data. */
  readonly plane?: 'control' | 'data';
}

export async function createIdentity(deps: IdentityDeps) {
  const { clock, log, place } = deps;
  const access = await createAccess({
    ...deps,
    account: place.account,
    tokenKey: deps.keyMaterial.tokenKey,
    decide: (...question) => authority.decide(...question),
  });
  const { adminKey, findAccessKey } = access;
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
  const domainRecords = new DomainConfigurationRecords(deps);
  const serverCertificates = createServerCertificates(deps);
  const domains = createDomains({ ...deps, records: domainRecords, certificates: serverCertificates });
  const certificateProviders = createCertificateProviders(deps);
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
    access: access.records,
    resourceTags: deps.resourceTags ?? (async () => undefined),
    things: deps.things,
    certificateAttributes,
    ...(deps.anonymousPolicy !== undefined && {
      anonymousPolicy: anonymousDocument(deps.anonymousPolicy),
    }),
    place,
    clock,
    log,
  });

  const aliases = createRoleAliases(deps);
  const provideCredentials = createCredentialProvider({
    ...deps,
    ...access,
    aliases,
    decide: authority.decide,
    account: place.account,
    ...(deps.outsideRoles && { outside: deps.outsideRoles }),
  });

  return {
    operations: {
      ...certificates.operations,
      ...policies.operations,
      ...effectivePolicyOperations({ ...deps, certificateExists, certificateAttributes, records: policies.records }),
      ...authorizerOperations({ ...deps, records }),
      ...domainConfigurationOperations({
        ...deps,
        records: domainRecords,
        certificates: serverCertificates,
        authorizers: records,
        isOwnName: ownNames(deps.keyMaterial),
      }),
      ...certificateProviders.operations,
      ...endpoints.operations,
      ...aliases.operations,
    },
    /** Operations of IAM and STS, by signing name. */
    queryOperations: access.operations,
    adminKey,
    /** Makes certificates for other parts of the platform: statuses, lifetimes and rights that the API does not give. */
    issuing: {
      ...certificates.issuing,
      /** With a `requester`, the account's certificate provider signs instead of us, if there is one. */
      async fromCsr(csr: string, { requester, ...options }: IssueOptions & { readonly requester?: Requester }) {
        const origin = requester && { certificateSigningRequest: csr, ...requester };
        const signed = origin && (await certificateProviders.signCsr(origin));
        return signed === undefined
          ? certificates.issuing.fromCsr(csr, options)
          : certificates.issuing.adopt(signed, options);
      },
    },

    /** Who a client is whom a custom authorizer may know. */
    customAuth,

    /** Temporary credentials of a role for a device, by a role alias (gateway-broker.md section 12). */
    provideCredentials: (request: Parameters<ProvideCredentials>[0]) => provideCredentials(request),
    /** The names of the server, and what holds for each. */
    domains,

    /** Whether the ARN names a domain configuration. */
    domainConfigurationExists: (arn: string): Promise<boolean> => domainRecords.exists(arn),

    /** Whether the ARN names a certificate provider. */
    certificateProviderExists: certificateProviders.exists,

    /** Whether the ARN names a registered certificate. */
    exists: certificateExists,

    /** Whether the ARN names a policy. */
    policyExists: async (arn: string): Promise<boolean> =>
      (await policies.records.policies.get(arn.slice(arn.indexOf('/') + 1))) !== undefined,

    /** Whether the ARN names a registered CA certificate. */
    caCertificateExists: (arn: string): Promise<boolean> => certificates.caCertificateExists(arn),

    /** Whether the ARN names a custom authorizer. */
    authorizerExists: async (arn: string): Promise<boolean> =>
      (await records.get(arn.slice(arn.indexOf('/') + 1))) !== undefined,
    /** Whether the ARN names a role alias. */
    roleAliasExists: async (arn: string): Promise<boolean> =>
      (await aliases.find(arn.slice(arn.indexOf('/') + 1))) !== undefined,

    /** What thing groups need to know of the policies attached to them. */
    policyTargets: policies.attachments,

    /** Who shows this certificate (DER), or why it is not accepted, which the operator is told already. */
    async authenticateCertificate(
      der: Buffer,
      { serverName, chain = [], sourceIp }: CertificateOrigin,
    ): Promise<CertificatePrincipal | CertificateRefusal> {
      const found = await certificates.authenticateCertificate(der, serverName, chain);
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
    ): Promise<UserPrincipal | RolePrincipal> {
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

    /** Throws AccessDeniedException (control plane) or ForbiddenException unless the principal's policies allow it. */
    async authorize({ principal, action, resource, plane, ...circumstances }: Question): Promise<void> {
      const decision = await authority.decide(principal, circumstances, action, resource);
      if (decision.outcome === 'ALLOWED') return;
      if (plane !== 'control') throw new ServiceError('ForbiddenException', 'Forbidden');
      const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new ServiceError('AccessDeniedException', message);
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
