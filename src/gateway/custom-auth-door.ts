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
import type { CustomLogin, CustomRefusal, CustomRequest } from '../identity/identity.ts';
import type { Refusal } from '../identity/refusal.ts';
import { ReasonCode } from '../mqtt/mqtt.ts';
import type { ConnectPacket } from '../mqtt/packets.ts';
import { addressOf, isSecure } from './addresses.ts';
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

/** MQTT right after the TLS handshake, without a client certificate. */
export function serveWithAuthorizer(deps: CustomAuthDeps, profile: Profile, socket: TLSSocket): void {
  const sourceIp = addressOf(socket);
  socket.on('error', (error) => deps.log.debug({ sourceIp, cause: error.message }, 'a socket failed'));
  const door = { name: 'alpn' as const, profile, transport: socketTransport(socket), sourceIp, secure: true };
  feed(socket, acceptWithAuthorizer(deps, door, tlsFacts(socket)));
}

/** A connection that is established only if an authorizer lets it in. `facts`: what is known before the CONNECT. */
export function acceptWithAuthorizer(
  deps: CustomAuthDeps,
  door: Omit<Door, 'authenticate'>,
  facts: Omit<CustomRequest, 'mqtt'>,
): AcceptedConnection {
  let isOver = false;
  let stopWatching = (): void => undefined;
  const connection = deps.broker.accept({
    ...door,
    async authenticate(connect) {
      const found = await deps.authenticateCustom({ ...facts, mqtt: mqttFacts(connect) });
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
export function customRequestOf(request: IncomingMessage): CustomRequest {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { ...tlsFacts(request.socket), http: { headers, query: mark < 0 ? '' : url.slice(mark + 1) } };
}

function tlsFacts(socket: Socket): Pick<CustomRequest, 'secure' | 'serverName'> {
  const secure = isSecure(socket);
  // Node has `false` where there was no SNI, whatever its types say.
  const serverName: unknown = secure ? (socket as TLSSocket).servername : undefined;
  return { secure, ...(typeof serverName === 'string' && serverName !== '' && { serverName }) };
}

function mqttFacts({ username, password, clientId }: ConnectPacket): NonNullable<CustomRequest['mqtt']> {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(clientId !== '' && { clientId }),
  };
}
