/**
 * MQTT over WebSocket (MQTT 5.0 section 6): the upgrade is authenticated by its SigV4 signature, or the CONNECT by a
 * custom authorizer; binary frames carry the same bytes as a TCP connection would, cut anywhere.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Profile, Transport } from '../broker/broker.ts';
import type { Domain } from '../identity/identity.ts';
import type { Principal } from '../identity/principal.ts';
import { addressOf, isSecure } from './addresses.ts';
import { acceptWithAuthorizer, type CustomAuthDeps, customRequestOf } from './custom-auth-door.ts';

export interface WebSocketDeps extends CustomAuthDeps {
  /** For the Date that clients correct their clocks by. */
  readonly clock: Clock;
  readonly profile: Profile;
  /**
   * Who signed the upgrade; undefined when an authorizer is to be asked at CONNECT. Throws a ServiceError when neither
   * can be.
   */
  readonly authenticateUpgrade: (
    request: IncomingMessage,
    domain: Domain | undefined,
  ) => Promise<Principal | undefined>;
  /** By which domain the client came; undefined without TLS. */
  readonly domainOf: (socket: Socket) => Domain | undefined;
}

const PATH = '/mqtt';
const SUBPROTOCOL = 'mqtt';
/** gateway-broker.md section 5.2: how long AWS lets a WebSocket live. */
const DAY_MS = 24 * 3_600_000;

/** Returns the handler of an HTTP server's `upgrade` event. */
export function createWebSocketDoor(
  deps: WebSocketDeps,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: deps.profile.limits.packetBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  return (request, socket, head) => {
    socket.on('error', (error) => deps.log.debug({ cause: error.message }, 'a socket failed during the upgrade'));
    upgrade(deps, server, request, socket, head).catch((error: unknown) => {
      deps.log.error({ stack: (error as Error).stack }, 'an upgrade failed');
      socket.destroy();
    });
  };
}

async function upgrade(
  deps: WebSocketDeps,
  server: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path !== PATH) return refuse(deps.clock, socket, 404, 'Not Found', `WebSocket connections are served at ${PATH}`);
  if (!offersMqtt(request))
    return refuse(deps.clock, socket, 400, 'Bad Request', `The WebSocket subprotocol must be '${SUBPROTOCOL}'`);
  let principal: Principal | undefined;
  try {
    principal = await deps.authenticateUpgrade(request, deps.domainOf(request.socket));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return refuse(deps.clock, socket, 403, 'Forbidden', error.message, error.code);
  }
  server.handleUpgrade(request, socket, head, (webSocket) => serve(deps, webSocket, request, principal));
}

function serve(
  deps: WebSocketDeps,
  webSocket: WebSocket,
  request: IncomingMessage,
  principal: Principal | undefined,
): void {
  const { broker, log, profile } = deps;
  const sourceIp = addressOf(request.socket);
  const transport = webSocketTransport(webSocket);
  const lifetime = profile.name === 'aws' ? { maxLifetimeMs: DAY_MS } : {};
  const secure = isSecure(request.socket);
  const door = { name: secure ? ('wss' as const) : ('ws' as const), profile, transport, sourceIp, secure, ...lifetime };
  const connection = principal
    ? broker.accept({ ...door, authenticate: async () => principal })
    : acceptWithAuthorizer(deps, door, customRequestOf(request, deps.domainOf(request.socket)));
  webSocket.on('message', (data, isBinary) => {
    // Text frames are not MQTT [MQTT-6.0.0-1].
    if (!isBinary) return webSocket.close(1003, 'MQTT needs binary frames');
    connection.receive(data as Buffer);
  });
  request.socket.on('drain', () => connection.drained());
  webSocket.on('error', (error) => log.info({ sourceIp, cause: error.message }, 'a WebSocket failed'));
  webSocket.on('close', (code) => connection.ended(code === 1000 || code === 1001));
}

function webSocketTransport(webSocket: WebSocket): Transport {
  return {
    write(bytes) {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(bytes, { binary: true });
      return false;
    },
    get backlog() {
      return webSocket.bufferedAmount;
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    end: () => webSocket.close(1000),
    destroy: () => webSocket.terminate(),
  };
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => name.trim() === SUBPROTOCOL);
}

function refuse(clock: Clock, socket: Duplex, status: number, phrase: string, message: string, code?: string): void {
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `${code === undefined ? '' : `x-amzn-ErrorType: ${code}\r\n`}Date: ${new Date(clock.now()).toUTCString()}\r\nConnection: close\r\n\r\n${body}`,
  );
}
