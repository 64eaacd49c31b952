/**
 * The wiring of the domains: each is made here, once, with what it needs of the others. Nothing else knows them all.
 * A reset of the server throws the platform away and makes another on the emptied store, so nothing in memory can be
 * left behind by mistake.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type AuditEvent,
  type ConnectionFacts,
  createApi,
  createCredentialFront,
  createQueryFront,
  isSigned,
  type ServiceName,
  type Services,
  signedRequestOf,
  signingNamesOf,
} from './api/api.ts';
import type { Place } from './base/arn.ts';
import type { Clock } from './base/clock.ts';
import { ServiceError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { RepeatedWarnings } from './base/repeated-warnings.ts';
import { BASIC_INGEST, type Broker, basicIngest, createBroker, type Profile } from './broker/broker.ts';
import type { Functions } from './functions/functions.ts';
import {
  addressOf,
  CUSTOM_AUTHORIZER,
  certificateOrigin,
  clientCertificate,
  customRequestOf,
  DOMAIN_REFUSES,
  isSecure,
} from './gateway/gateway.ts';
import {
  type AdminKey,
  authorizerNameIn,
  type CertificateOrigin,
  type CustomLogin,
  type CustomRefusal,
  type CustomRequest,
  createIdentity,
  type Domain,
  type Identity,
  type KeyFiles,
  type KeyMaterial,
  type OutsideRoles,
  type SecretBox,
  type ShownCertificates,
} from './identity/identity.ts';
import type { CertificatePrincipal, Principal } from './identity/principal.ts';
import type { Denial, Refusal } from './identity/refusal.ts';
import type { DomainFigures } from './metrics.ts';
import { createProvisioning, objectsBelow } from './provisioning/provisioning.ts';
import { createRegistry } from './registry/registry.ts';
import { createRules } from './rules/rules.ts';
import { createShadow } from './shadow/shadow.ts';
import type { Store } from './store/store.ts';

/** What the platform stands on, and what outlives a reset. */
export interface Foundation {
  readonly store: Store;
  readonly clock: Clock;
  /** Real time, for whatever concerns clients' clocks and sockets even where `clock` is a virtual one. */
  readonly wallClock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly place: Place;
  /** The limits and behaviour of every door but the plain MQTT port. */
  readonly profile: Profile;
  readonly keyMaterial: KeyMaterial;
  /** Runs the functions of users. */
  readonly functions: Functions;
  /** How secrets are kept in the store. */
  readonly secrets: SecretBox;
  /** Keeps who called what of the control plane; absent: nobody does. */
  readonly audit?: (event: AuditEvent) => void;
  /** An STS elsewhere whose roles devices get; absent: those made here. */
  readonly outsideRoles?: OutsideRoles;
  /** Where the operator keeps certificates for domain configurations. */
  readonly certificateFiles?: Pick<KeyFiles, 'read'>;
  /** The host name that DescribeEndpoint tells. */
  readonly host: string;
  /** Where clients reach the plain HTTP door; asked only once the doors are open. */
  readonly baseUrl: () => string;
  /** The folder or URL with the input of bulk registration; absent: there is none. */
  readonly registrationInputs?: string;
  /** The folder of the service models. */
  readonly models: string;
  /** The admin key of the platform before, after a reset; absent: the stored one, or a new one. */
  readonly adminKey?: AdminKey;
  /** The policy document for clients of the plain MQTT port; absent: they may do everything. */
  readonly anonymousPolicy?: string;
}

export interface Platform {
  readonly broker: Broker;
  /** The handlers of every service, for the coverage report. */
  readonly services: Services;
  readonly adminKey: AdminKey;
  /** `domain`: by which the client came; undefined without TLS. */
  handleRequest(request: IncomingMessage, response: ServerResponse, domain: Domain | undefined): void;
  authenticateCertificate(
    der: Buffer,
    origin: CertificateOrigin,
  ): Promise<CertificatePrincipal | { readonly refusal: string }>;
  /** Who signed a WebSocket upgrade; undefined when an authorizer is to be asked at CONNECT. Throws a ServiceError. */
  authenticateUpgrade(request: IncomingMessage, domain: Domain | undefined): Promise<Principal | undefined>;
  /** The domain of this SNI; undefined when the server has no such name. */
  findDomain(serverName: string | undefined): Promise<Domain | undefined>;
  /** Why the domain does not let in who shows these certificates. Never rejects. */
  refusalOf(domain: Domain, shown: ShownCertificates): Promise<string | undefined>;
  /** Asks the custom authorizer that a client means; undefined when there is none. */
  authenticateCustom(request: CustomRequest): Promise<CustomLogin | CustomRefusal | undefined>;
  /** Throws a ServiceError unless the request is signed with the admin key. */
  authenticateOperator(request: IncomingMessage): Promise<void>;
  /** The gateway refused a connection. */
  refused(refusal: Refusal): void;
  /** The newest refusals of every kind, for the operator. */
  denials(query: { readonly clientId?: string; readonly limit?: number }): readonly Denial[];
  /** What there is, for the health endpoint. */
  facts(): Readonly<Record<string, string | number>>;
  rulesQueue(): { readonly waiting: number; readonly limit: number };
  /** What the domains have counted so far. */
  figures(): DomainFigures;
  /** Finishes what is under way and ends all connections; the store stays open. */
  stop(): Promise<void>;
}

/** What credential scopes of WebSocket upgrades may name. */
const WEBSOCKET_SERVICES = ['iotdevicegateway', 'iotdata'];

export async function createPlatform(foundation: Foundation): Promise<Platform> {
  const { clock, log, place, profile, wallClock } = foundation;
  const warnings = new RepeatedWarnings(log, wallClock);
  const registry = createRegistry({
    ...foundation,
    principals: { exists: (arn) => identity.exists(arn) },
    groupPolicies: {
      hasPolicies: (arn) => identity.policyTargets.hasPolicies(arn),
      detachAll: (arn) => identity.policyTargets.detachAll(arn),
    },
    taggable: {
      policy: (arn) => identity.policyExists(arn),
      domainconfiguration: (arn) => identity.domainConfigurationExists(arn),
      certificateprovider: (arn) => identity.certificateProviderExists(arn),
      cacert: (arn) => identity.caCertificateExists(arn),
      authorizer: (arn) => identity.authorizerExists(arn),
      provisioningtemplate: (arn) => provisioning.exists(arn),
      rolealias: (arn) => identity.roleAliasExists(arn),
      rule: (arn) => rules.exists(arn),
    },
    publish: (publication) => broker.publish(publication),
  });
  const identity = await createIdentity({
    ...foundation,
    warnings,
    things: registry.directory,
    tagsFor: registry.tagsFor,
    resourceTags: registry.tagsOf,
    provisioning: {
      checkTemplate: (template) => provisioning.justInTime.checkTemplate(template),
      provision: (...run) => provisioning.justInTime.provision(...run),
    },
    publish: (publication) => broker.publish(publication),
  });
  const broker = createBroker({
    ...foundation,
    warnings,
    onRefusal: identity.refused,
    dataPlane: profile,
    openAuthority: (principal, circumstances) => identity.openAuthority(principal, circumstances),
    exclusiveThing: async (principal, clientId) => {
      const thing = await registry.directory.associatedThing(principal.arn, clientId);
      return thing?.isExclusive ? thing.thingName : undefined;
    },
  });
  identity.onCertificateEnd((certificateId) => broker.disconnectPrincipal(certificateId, 'FORBIDDEN_ACCESS'));
  const shadow = createShadow({ ...foundation, bus: broker });
  const rules = createRules({
    ...foundation,
    bus: broker,
    tags: { put: registry.tagsFor, removeAll: (arn) => registry.tagsFor(arn, undefined) },
    external: { getThingShadow: (thingName, shadowName) => shadow.read(thingName, shadowName) },
  });
  broker.listen(`${BASIC_INGEST}#`, (message) => {
    const target = basicIngest(message.topic);
    if (target) rules.basicIngest(target.ruleName, message);
  });
  const provisioning = createProvisioning({
    ...foundation,
    bus: broker,
    resources: { ...identity.operations, ...registry.operations },
    issuing: identity.issuing,
    tagsFor: registry.tagsFor,
    invoke: (functionArn, event, timeoutMs) => foundation.functions.invoke(functionArn, event, { timeoutMs }),
    ...(foundation.registrationInputs !== undefined && { openObject: objectsBelow(foundation.registrationInputs) }),
  });
  const services: Services = {
    iot: { ...identity.operations, ...registry.operations, ...rules.operations, ...provisioning.operations },
    'iot-data': { ...broker.operations, ...shadow.operations },
    'iot-jobs-data': {},
    iotsecuretunneling: {},
  };
  const api = createApi({
    ...foundation,
    clock: foundation.wallClock,
    services,
    authenticate: (request, sourceIp) => identity.verifySignature(request, signingNamesOf(request.service), sourceIp),
    authorize: (question) => identity.authorize(question),
  });
  const query = createQueryFront({
    ...foundation,
    clock: foundation.wallClock,
    services: identity.queryOperations,
    authenticate: (request, service, sourceIp) => identity.verifySignature(request, [service], sourceIp),
    authorize: (question) => identity.authorize(question),
  });
  const credentials = createCredentialFront({
    ...foundation,
    clock: foundation.wallClock,
    provide: (request) => identity.provideCredentials(request),
  });
  await broker.start();
  await rules.start();
  await provisioning.start();
  const startedAt = clock.now();

  return {
    broker,
    services,
    adminKey: identity.adminKey,
    handleRequest(request, response, domain) {
      if (provisioning.handleRequest(request, response)) return;
      const front = [credentials, query].find((one) => one.serves(request)) ?? api;
      void front.handle(request, response, connectionFacts(identity, request, domain));
    },
    async authenticateCertificate(der, origin) {
      const found = await identity.authenticateCertificate(der, origin);
      return found.kind === 'refusal' ? { refusal: `${found.certificateId} is ${found.reason}` } : found;
    },
    authenticateUpgrade: (request, domain) => authenticateUpgrade(identity, request, domain),
    findDomain: (serverName) => identity.domains.find(serverName),
    refusalOf: (domain, shown) => identity.domains.refusalOf(domain, shown),
    authenticateCustom: (request) => identity.customAuth.authenticate(request),
    async authenticateOperator(request) {
      const signed = signedRequestOf(request, 'iot', Buffer.alloc(0));
      const who = await identity.verifySignature(signed, signingNamesOf('iot'), addressOf(request.socket));
      if (who.kind !== 'user' || !who.isAdmin)
        throw new ServiceError('AccessDeniedException', 'This is only for the admin key');
    },
    refused: identity.refused,
    denials: (query) => identity.denials.list(query),
    facts: () => ({
      region: place.region,
      account: place.account,
      uptimeMs: clock.now() - startedAt,
      ...broker.sizes(),
    }),
    rulesQueue: () => rules.queue(),
    figures: () => ({
      broker,
      refusals: identity.denials.counts,
      decisions: identity.decisions,
      rules: { byRule: rules.counters(), notFound: rules.ruleNotFound(), waiting: rules.queue().waiting },
      shadows: shadow.counters,
      requests: api.requests,
      store: foundation.store.counters,
    }),
    async stop() {
      broker.stop();
      shadow.stop();
      provisioning.stop();
      await rules.stop();
      await shadow.idle();
      await provisioning.idle();
      await registry.idle();
      warnings.stop();
    },
  };
}

/** What the API front is to know of a request's connection: what its domain allows (gateway-broker.md section 2). */
function connectionFacts(identity: Identity, request: IncomingMessage, domain: Domain | undefined): ConnectionFacts {
  const { socket } = request;
  const der = clientCertificate(socket);
  const type = domain?.authenticationType ?? 'DEFAULT';
  const custom = customRequestOf(request, domain);
  const certificate = der && (() => certificatePrincipal(identity, der, certificateOrigin(socket)));
  const services = domain && servicesOf(domain);
  const authorizer = {
    isNamed: authorizerNameIn(custom) !== undefined || type === 'CUSTOM_AUTH_X509',
    async authenticate(): Promise<Principal | undefined> {
      if (type !== 'CUSTOM_AUTH_X509') return customPrincipal(identity, custom, socket);
      if (!certificate || !der) throw forbidden(identity, socket, DOMAIN_REFUSES, 'the domain demands a certificate');
      const shown = { principal: await certificate(), pem: new X509Certificate(der).toString() };
      return customPrincipal(identity, { ...custom, certificate: shown }, socket);
    },
  };
  return {
    sourceIp: addressOf(socket),
    secure: isSecure(socket),
    ...(certificate && (type === 'DEFAULT' || type === 'AWS_X509') && { certificate }),
    ...(type !== 'AWS_X509' && { authorizer }),
    ...(type !== 'DEFAULT' && { clients: type === 'AWS_SIGV4' ? 'signing' : 'devices' }),
    ...(services && { services }),
  };
}

/** What a domain serves over HTTP; undefined: everything. */
function servicesOf({ serviceType, applicationProtocol }: Domain): readonly ServiceName[] | undefined {
  if (applicationProtocol === 'MQTT_WSS') return [];
  switch (serviceType) {
    case undefined:
      return undefined;
    case 'DATA':
      return ['iot-data'];
    case 'JOBS':
      return ['iot-jobs-data'];
    default:
      return [];
  }
}

async function authenticateUpgrade(
  identity: Identity,
  request: IncomingMessage,
  domain: Domain | undefined,
): Promise<Principal | undefined> {
  const { applicationProtocol = 'DEFAULT', authenticationType = 'DEFAULT', serviceType = 'DATA' } = domain ?? {};
  if (serviceType !== 'DATA' || (applicationProtocol !== 'DEFAULT' && applicationProtocol !== 'MQTT_WSS'))
    throw forbidden(identity, request.socket, DOMAIN_REFUSES, 'the domain serves no WebSockets');
  if (authenticationType !== 'AWS_SIGV4') {
    const custom = customRequestOf(request, domain);
    if (authorizerNameIn(custom) !== undefined) {
      const refused = await identity.customAuth.precheck(custom);
      if (refused) throw forbidden(identity, request.socket, CUSTOM_AUTHORIZER, refused.refusal);
      return undefined;
    }
    // The credentials may come with the CONNECT.
    if (authenticationType === 'CUSTOM_AUTH') return undefined;
    if (!isSigned(request) && (await identity.customAuth.isInUse())) return undefined;
  }
  const signed = signedRequestOf(request, 'iot-data', Buffer.alloc(0));
  return identity.verifySignature(signed, WEBSOCKET_SERVICES, addressOf(request.socket));
}

/** The principal of a client certificate shown over HTTPS. */
async function certificatePrincipal(
  identity: Identity,
  der: Buffer,
  origin: CertificateOrigin,
): Promise<CertificatePrincipal> {
  const found = await identity.authenticateCertificate(der, origin);
  if (found.kind !== 'refusal') return found;
  throw new ServiceError('ForbiddenException', 'Forbidden');
}

/** The principal of an HTTP request that a custom authorizer may know; undefined when there is none for it. */
async function customPrincipal(
  identity: Identity,
  request: CustomRequest,
  connection: Socket,
): Promise<Principal | undefined> {
  const found = await identity.customAuth.authenticateRequest(request, connection);
  if (found && 'refusal' in found) throw forbidden(identity, connection, CUSTOM_AUTHORIZER, found.refusal);
  return found;
}

/** Tells the operator why. Returns what the client is told. */
function forbidden(identity: Identity, connection: Socket, reason: string, detail: string): ServiceError {
  identity.refused({ reason, detail, sourceIp: addressOf(connection) });
  return new ServiceError('ForbiddenException', 'Forbidden');
}
