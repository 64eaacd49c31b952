/**
 * The device gateway: every door of the platform. Opens the listeners, finds out how each connection came in, and
 * hands it to the broker (MQTT) or the API front (HTTP). Knows no domain.
 *
 * The one TLS port tells its guests apart by ALPN (design, "Contract with the outside"): `x-amzn-mqtt-ca` MQTT with a
 * client certificate, `mqtt` MQTT with a custom authorizer, `x-amzn-http-ca`, `http/1.1` or none HTTP and WebSocket.
 */
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Profile } from '../broker/broker.ts';
import { type CustomAuthDeps, serveWithAuthorizer } from './custom-auth-door.ts';
import {
  failedHandshake,
  type MqttDeps,
  mqttServer,
  mqttsServer,
  serveWithCertificate,
  tlsOptions,
} from './mqtt-listeners.ts';
import { createWebSocketDoor, type WebSocketDeps } from './websocket.ts';

export { addressOf, clientCertificate, isSecure } from './addresses.ts';
export { CUSTOM_AUTHORIZER, customRequestOf } from './custom-auth-door.ts';

export interface GatewayDeps extends MqttDeps, CustomAuthDeps, Pick<WebSocketDeps, 'authenticateUpgrade'> {
  /** Real time, whatever the platform's clock is: sockets do not wait for a test. */
  readonly clock: Clock;
  /** Of every door but the plain MQTT port. */
  readonly profile: Profile;
  /** Of the plain MQTT port. */
  readonly plainProfile: Profile;
  /** PEM: the server's key and its certificate chain. */
  readonly credentials: { readonly key: string; readonly cert: string };
  /** Answers an HTTP request, whatever it is. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Ports; 0 picks a free one, undefined leaves the door shut. */
export interface Ports {
  readonly host: string;
  readonly http: number;
  readonly tls: number;
  readonly mqtts: number;
  readonly mqtt?: number;
}

export interface Gateway {
  /** Opens all doors, or none: rejects with the system's error (EADDRINUSE …). Resolves with the real ports. */
  listen(ports: Ports): Promise<Required<Omit<Ports, 'host' | 'mqtt'>> & Pick<Ports, 'mqtt'>>;
  /** The doors that were opened, and whether they still are. */
  doors(): Readonly<Record<string, boolean>>;
  /** Takes no more connections; those that are there live on until `close`. */
  stopListening(): void;
  /** Waits a moment for the connections that are being ended, then cuts what is left. */
  close(): Promise<void>;
}

/** How long `close` waits for peers to close their side. */
const CLOSE_WITHIN_MS = 500;

const MQTT_WITH_AUTHORIZER = 'mqtt';
const MQTT_WITH_CERTIFICATE = 'x-amzn-mqtt-ca';
const HTTP_WITH_CERTIFICATE = 'x-amzn-http-ca';

export function createGateway(deps: GatewayDeps): Gateway {
  const http = httpServer(deps);
  const servers: { readonly port: keyof Omit<Ports, 'host'>; readonly server: Server }[] = [
    { port: 'http', server: http },
    { port: 'tls', server: tlsServer(deps, http) },
    { port: 'mqtts', server: mqttsServer(deps, deps.profile, deps.credentials) },
    { port: 'mqtt', server: mqttServer(deps, deps.plainProfile) },
  ];
  const opened: typeof servers = [];
  const sockets = new Set<Socket>();
  for (const { server } of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  const stopListening = (): void => {
    for (const { server } of servers) if (server.listening) server.close();
  };
  return {
    async listen(ports) {
      const open: { [door: string]: number } = {};
      try {
        for (const { port, server } of servers) {
          const wanted = ports[port];
          if (wanted === undefined) continue;
          open[port] = await listen(server, ports.host, wanted);
          opened.push({ port, server });
        }
      } catch (error) {
        stopListening();
        throw error;
      }
      return open as Awaited<ReturnType<Gateway['listen']>>;
    },
    doors: () => Object.fromEntries(opened.map(({ port, server }) => [port, server.listening])),
    stopListening,
    async close() {
      http.closeIdleConnections();
      if (sockets.size > 0) await allClosed(sockets, deps.clock);
      for (const socket of sockets) socket.destroy();
    },
  };
}

function httpServer(deps: GatewayDeps): HttpServer {
  const server = createHttpServer({ noDelay: true, keepAliveTimeout: 65_000 }, deps.handleRequest);
  server.on('upgrade', createWebSocketDoor(deps));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    deps.log.debug({ cause: error.message }, 'an HTTP request could not be read');
    if (socket.writable && error.code !== 'ECONNRESET')
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** The port that serves HTTPS, WebSocket and MQTT by ALPN. HTTP connections are given to `http`. */
function tlsServer(deps: GatewayDeps, http: HttpServer): Server {
  const known = [MQTT_WITH_CERTIFICATE, MQTT_WITH_AUTHORIZER, HTTP_WITH_CERTIFICATE, 'http/1.1'];
  const ALPNCallback = ({ protocols }: { protocols: string[] }): string | undefined =>
    protocols.find((protocol) => known.includes(protocol));
  const server = createTlsServer({ ...tlsOptions(deps.credentials), ALPNCallback });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === MQTT_WITH_CERTIFICATE) serveWithCertificate(deps, deps.profile, socket, 'alpn');
    else if (socket.alpnProtocol === MQTT_WITH_AUTHORIZER) serveWithAuthorizer(deps, deps.profile, socket);
    else http.emit('connection', socket);
  });
  server.on('tlsClientError', (error, socket) => deps.onRefusal(failedHandshake(error, socket)));
  return server;
}

/** Resolves when the last socket has closed, or when it is time to wait no longer. */
function allClosed(sockets: ReadonlySet<Socket>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(CLOSE_WITHIN_MS, resolve);
    const check = (): void => {
      if (sockets.size > 0) return;
      timer.cancel();
      resolve();
    };
    for (const socket of sockets) socket.once('close', check);
  });
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
