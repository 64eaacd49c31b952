/**
 * MQTT clients whom a custom authorizer knows: behind ALPN `mqtt`, and on WebSockets that are not signed. The authorizer
 * is asked at CONNECT, when all is there that a client can say of itself; while the connection lasts, its word is kept
 * fresh. Used by the listeners; knows no authorizer itself.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../base/log.ts';
import type { AcceptedConnection, Broker, Door, Profile } from '../broker/broker.ts';
import type { CustomLogin, CustomRefusal, CustomRequest, Domain } from '../identity/identity.ts';
import type { Refusal } from '../identity/refusal.ts';
import { ReasonCode } from '../mqtt/mqtt.ts';
import type { ConnectPacket } from '../mqtt/packets.ts';
import { addressOf, isSecure, serverNameOf } from './addresses.ts';
import type { TlsDoorName } from './mqtt-listeners.ts';
import { feed, socketTransport } from './socket-transport.ts';

export interface CustomAuthDeps {
  readonly broker: Pick<Broker, 'accept'>;
  readonly log: Log;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Asks the authorizer that the client means; undefined when there is none. */
  readonly authenticateCustom: (request: CustomRequest) => Promise<CustomLogin | CustomRefusal | undefined>;
}

/** The reason of refusals by custom authorizers, for the operator. */
export const CUSTOM_AUTHORIZER = 'custom-authorizer';

/** MQTT right after the TLS handshake. `certificate`: asks for that of the client, where one is demanded besides. */
export function serveWithAuthorizer(
  deps: CustomAuthDeps,
  profile: Profile,
  socket: TLSSocket,
  way: { readonly name: TlsDoorName; readonly domain: Domain; readonly certificate?: AskCertificate },
): void {
  const sourceIp = addressOf(socket);
  const door = { name: way.name, profile, transport: socketTransport(socket), sourceIp, secure: true };
  feed(socket, acceptWithAuthorizer(deps, door, connectionFacts(socket, way.domain), way.certificate));
}

/** The certificate that the client showed, as it is registered now; undefined when it is not accepted. */
export type AskCertificate = () => Promise<CustomRequest['certificate']>;

/** A connection that is established only if an authorizer lets it in. `facts`: what is known before the CONNECT. */
export function acceptWithAuthorizer(
  deps: CustomAuthDeps,
  door: Omit<Door, 'authenticate'>,
  facts: Omit<CustomRequest, 'mqtt'>,
  askCertificate?: AskCertificate,
): AcceptedConnection {
  let isOver = false;
  let stopWatching = (): void => undefined;
  const connection = deps.broker.accept({
    ...door,
    async authenticate(connect) {
      const certificate = await askCertificate?.();
      if (askCertificate && !certificate) return undefined;
      const request = { ...facts, mqtt: mqttFacts(connect), ...(certificate && { certificate }) };
      const found = await deps.authenticateCustom(request);
      if (found === undefined || 'refusal' in found) {
        const refusal = found?.refusal ?? 'the client names no authorizer, and there is no default';
        const { clientId } = connect;
        const { sourceIp } = door;
        deps.onRefusal({ reason: CUSTOM_AUTHORIZER, detail: refusal, sourceIp, clientId, action: 'connect' });
        return undefined;
      }
      if (isOver) return undefined;
      stopWatching = found.watch((reason, detail) => {
        const isExpired = reason === 'CUSTOMAUTH_TTL_EXPIRATION';
        connection.close(reason, isExpired ? ReasonCode.maximumConnectTime : ReasonCode.notAuthorized, detail);
      });
      return found.principal;
    },
  });
  return {
    receive: (chunk) => connection.receive(chunk),
    close: (reason, reasonCode, detail) => connection.close(reason, reasonCode, detail),
    drained: () => connection.drained(),
    ended(isClean) {
      isOver = true;
      stopWatching();
      connection.ended(isClean);
    },
  };
}

/** What an HTTP request, or a WebSocket upgrade, tells an authorizer. */
export function customRequestOf(request: IncomingMessage, domain: Domain | undefined): CustomRequest {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { ...connectionFacts(request.socket, domain), http: { headers, query: mark < 0 ? '' : url.slice(mark + 1) } };
}

function connectionFacts(
  socket: Socket,
  domain: Domain | undefined,
): Pick<CustomRequest, 'secure' | 'serverName' | 'authorizerConfig'> {
  const serverName = serverNameOf(socket);
  return {
    secure: isSecure(socket),
    ...(serverName !== undefined && { serverName }),
    ...(domain?.authorizerConfig && { authorizerConfig: domain.authorizerConfig }),
  };
}

function mqttFacts({ username, password, clientId }: ConnectPacket): NonNullable<CustomRequest['mqtt']> {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(clientId !== '' && { clientId }),
  };
}
