/**
 * The wiring of the domains: each is made here, once, with what it needs of the others. Nothing else knows them all.
 * A reset of the server throws the platform away and makes another on the emptied store, so nothing in memory can be
 * left behind by mistake.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createApi, type Services, signedRequestOf, signingNamesOf } from './api/api.ts';
import type { Place } from './base/arn.ts';
import type { Clock } from './base/clock.ts';
import { ServiceError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { RepeatedWarnings } from './base/repeated-warnings.ts';
import { BASIC_INGEST, type Broker, basicIngest, createBroker, type Profile } from './broker/broker.ts';
import { addressOf, clientCertificate, isSecure } from './gateway/gateway.ts';
import { type AdminKey, createIdentity, type Identity, type KeyMaterial } from './identity/identity.ts';
import type { CertificatePrincipal, Principal } from './identity/principal.ts';
import type { Denial, Refusal } from './identity/refusal.ts';
import { renderMetrics } from './metrics.ts';
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
  /** The host name that DescribeEndpoint tells. */
  readonly host: string;
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
  /** Who signed a WebSocket upgrade. Throws a ServiceError. */
  authenticateUpgrade(request: IncomingMessage): Promise<Principal>;
  /** Throws a ServiceError unless the request is signed with the admin key. */
  authenticateOperator(request: IncomingMessage): Promise<void>;
  /** The gateway refused a connection. */
  refused(refusal: Refusal): void;
  /** The newest refusals of every kind, for the operator. */
  denials(query: { readonly clientId?: string; readonly limit?: number }): readonly Denial[];
  health(): Promise<{ status: 'ok' | 'failing'; [fact: string]: unknown }>;
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  /** Finishes what is under way and ends all connections; the store stays open. */
  stop(): Promise<void>;
}

/** What credential scopes of WebSocket upgrades may name. */
const WEBSOCKET_SERVICES = ['iotdevicegateway', 'iotdata'];

export async function createPlatform(foundation: Foundation): Promise<Platform> {
  const { clock, log, place, profile, wallClock } = foundation;
  const warnings = new RepeatedWarnings(log, wallClock);
  const registry = createRegistry({ ...foundation, principals: { exists: (arn) => identity.exists(arn) } });
  const identity = await createIdentity({ ...foundation, warnings, things: registry.directory });
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
    external: { getThingShadow: (thingName, shadowName) => shadow.read(thingName, shadowName) },
  });
  broker.listen(`${BASIC_INGEST}#`, (message) => {
    const target = basicIngest(message.topic);
    if (target) rules.basicIngest(target.ruleName, message);
  });
  const services: Services = {
    iot: { ...identity.operations, ...registry.operations, ...rules.operations },
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
  const startedAt = clock.now();

  return {
    broker,
    services,
    adminKey: identity.adminKey,
    handleRequest(request, response) {
      const { socket } = request;
      const der = clientCertificate(socket);
      void api.handle(request, response, {
        sourceIp: addressOf(socket),
        secure: isSecure(socket),
        ...(der && { certificate: () => certificatePrincipal(identity, der, addressOf(socket)) }),
      });
    },
    async authenticateCertificate(der, sourceIp) {
      const found = await identity.authenticateCertificate(der, sourceIp);
      return found.kind === 'refusal' ? { refusal: `${found.certificateId} is ${found.reason}` } : found;
    },
    authenticateUpgrade: (request) =>
      identity.verifySignature(
        signedRequestOf(request, 'iot-data', Buffer.alloc(0)),
        WEBSOCKET_SERVICES,
        addressOf(request.socket),
      ),
    async authenticateOperator(request) {
      const signed = signedRequestOf(request, 'iot', Buffer.alloc(0));
      const { isAdmin } = await identity.verifySignature(signed, signingNamesOf('iot'), addressOf(request.socket));
      if (!isAdmin) throw new ServiceError('AccessDeniedException', 'This is only for the admin key');
    },
    refused: identity.refused,
    denials: (query) => identity.denials.list(query),
    async health() {
      const sizes = broker.sizes();
      return {
        status: 'ok',
        region: place.region,
        account: place.account,
        uptimeMs: clock.now() - startedAt,
        ...sizes,
      };
    },
    metrics: () => renderMetrics(broker),
    async stop() {
      broker.stop();
      shadow.stop();
      await rules.stop();
      await shadow.idle();
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
