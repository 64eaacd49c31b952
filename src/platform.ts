/**
 * The wiring of the domains: each is made here, once, with what it needs of the others. Nothing else knows them all.
 * A reset of the server throws the platform away and makes another on the emptied store, so nothing in memory can be
 * left behind by mistake.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createApi, isSigned, type Services, signedRequestOf, signingNamesOf } from './api/api.ts';
import type { Place } from './base/arn.ts';
import type { Clock } from './base/clock.ts';
import { ServiceError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { RepeatedWarnings } from './base/repeated-warnings.ts';
import { BASIC_INGEST, type Broker, basicIngest, createBroker, type Profile } from './broker/broker.ts';
import type { Functions } from './functions/functions.ts';
import { addressOf, CUSTOM_AUTHORIZER, clientCertificate, customRequestOf, isSecure } from './gateway/gateway.ts';
import {
  type AdminKey,
  authorizerNameIn,
  type CustomLogin,
  type CustomRefusal,
  type CustomRequest,
  createIdentity,
  type Identity,
  type KeyMaterial,
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
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  authenticateCertificate(der: Buffer, sourceIp: string): Promise<CertificatePrincipal | { readonly refusal: string }>;
  /** Who signed a WebSocket upgrade; undefined when an authorizer is to be asked at CONNECT. Throws a ServiceError. */
  authenticateUpgrade(request: IncomingMessage): Promise<Principal | undefined>;
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
      authorizer: (arn) => identity.authorizerExists(arn),
      rule: (arn) => rules.exists(arn),
      provisioningtemplate: (arn) => provisioning.exists(arn),
    },
    publish: (publication) => broker.publish(publication),
  });
  const identity = await createIdentity({
    ...foundation,
    warnings,
    things: registry.directory,
    tagsFor: registry.tagsFor,
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
  await broker.start();
  await rules.start();
  await provisioning.start();
  const startedAt = clock.now();

  return {
    broker,
    services,
    adminKey: identity.adminKey,
    handleRequest(request, response) {
      if (provisioning.handleRequest(request, response)) return;
      const { socket } = request;
      const der = clientCertificate(socket);
      const custom = customRequestOf(request);
      void api.handle(request, response, {
        sourceIp: addressOf(socket),
        secure: isSecure(socket),
        ...(der && { certificate: () => certificatePrincipal(identity, der, addressOf(socket)) }),
        authorizer: {
          isNamed: authorizerNameIn(custom) !== undefined,
          authenticate: () => customPrincipal(identity, custom, socket),
        },
      });
    },
    async authenticateCertificate(der, sourceIp) {
      const found = await identity.authenticateCertificate(der, sourceIp);
      return found.kind === 'refusal' ? { refusal: `${found.certificateId} is ${found.reason}` } : found;
    },
    async authenticateUpgrade(request) {
      const { socket } = request;
      const custom = customRequestOf(request);
      if (authorizerNameIn(custom) !== undefined) {
        const refused = await identity.customAuth.precheck(custom);
        if (refused) throw refusedByAuthorizer(identity, refused, socket);
        return undefined;
      }
      // The credentials may come with the CONNECT.
      if (!isSigned(request) && (await identity.customAuth.isInUse())) return undefined;
      const signed = signedRequestOf(request, 'iot-data', Buffer.alloc(0));
      return identity.verifySignature(signed, WEBSOCKET_SERVICES, addressOf(socket));
    },
    authenticateCustom: (request) => identity.customAuth.authenticate(request),
    async authenticateOperator(request) {
      const signed = signedRequestOf(request, 'iot', Buffer.alloc(0));
      const { isAdmin } = await identity.verifySignature(signed, signingNamesOf('iot'), addressOf(request.socket));
      if (!isAdmin) throw new ServiceError('AccessDeniedException', 'This is only for the admin key');
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

/** The principal of a client certificate shown over HTTPS. */
async function certificatePrincipal(identity: Identity, der: Buffer, sourceIp: string): Promise<Principal> {
  const found = await identity.authenticateCertificate(der, sourceIp);
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
  if (found && 'refusal' in found) throw refusedByAuthorizer(identity, found, connection);
  return found;
}

/** Tells the operator why. Returns what the client is told. */
function refusedByAuthorizer(identity: Identity, { refusal }: CustomRefusal, connection: Socket): ServiceError {
  identity.refused({ reason: CUSTOM_AUTHORIZER, detail: refusal, sourceIp: addressOf(connection) });
  return new ServiceError('ForbiddenException', 'Forbidden');
}
