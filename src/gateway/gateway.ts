/**
 * The device gateway: every door of the platform. Opens the listeners, finds out how each connection came in, and
 * hands it to the broker (MQTT) or the API front (HTTP). Knows no domain.
 *
 * Over TLS the name that the client asks for decides first (`tls-door.ts`). Where the domain leaves it open, the one TLS
 * port tells its guests apart by ALPN (design, "Contract with the outside"): `x-amzn-mqtt-ca` MQTT with a client
 * certificate, `mqtt` MQTT with a custom authorizer, `x-amzn-http-ca`, `http/1.1` or none HTTP and WebSocket.
 */
import { X509Certificate } from 'node:crypto';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Profile } from '../broker/broker.ts';
import type { Domain } from '../identity/identity.ts';
import { addressOf, certificateOrigin, clientCertificate } from './addresses.ts';
import { type AskCertificate, type CustomAuthDeps, serveWithAuthorizer } from './custom-auth-door.ts';
import {
  type MqttDeps,
  missingCertificate,
  mqttServer,
  serveWithCertificate,
  type TlsDoorName,
} from './mqtt-listeners.ts';
import { type Serve, type TlsDoorDeps, tlsDoor } from './tls-door.ts';
import type { TlsPort, WayIn } from './way-in.ts';
import { createWebSocketDoor, type WebSocketDeps } from './websocket.ts';

export { addressOf, certificateOrigin, clientCertificate, isSecure } from './addresses.ts';
export { CUSTOM_AUTHORIZER, customRequestOf } from './custom-auth-door.ts';
export { DOMAIN_REFUSES } from './tls-door.ts';

export interface GatewayDeps extends MqttDeps, CustomAuthDeps, TlsDoorDeps, Pick<WebSocketDeps, 'authenticateUpgrade'> {
  /** Real time, whatever the platform's clock is: sockets do not wait for a test. */
  readonly clock: Clock;
  /** Of every door but the plain MQTT port. */
  readonly profile: Profile;
  /** Of the plain MQTT port. */
  readonly plainProfile: Profile;
  /** Answers an HTTP request, whatever it is. `domain`: by which the client came; undefined without TLS. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse, domain: Domain | undefined) => void;
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

export function createGateway(deps: GatewayDeps): Gateway {
  /** By which domain each HTTP connection came. */
  const domains = new WeakMap<Socket, Domain>();
  const http = httpServer(deps, (socket) => domains.get(socket));
  const serveOn = (port: TlsPort): Serve => {
    const name = port === 'tls' ? 'alpn' : 'mqtts';
    return (socket, domain, way) => serve(socket, domain, way, name);
  };
  const serve = (socket: TLSSocket, domain: Domain, way: WayIn, name: TlsDoorName): void => {
    if (way === 'http') {
      domains.set(socket, domain);
      http.emit('connection', socket);
    } else if (way === 'mqttByCertificate') serveWithCertificate(deps, deps.profile, socket, name);
    else if (way === 'mqttByAuthorizer') serveWithAuthorizer(deps, deps.profile, socket, { name, domain });
    else serveWithBoth(deps, socket, name, domain);
  };
  const servers: { readonly port: keyof Omit<Ports, 'host'>; readonly server: Server }[] = [
    { port: 'http', server: http },
    { port: 'tls', server: tlsDoor(deps, 'tls', serveOn('tls')) },
    { port: 'mqtts', server: tlsDoor(deps, 'mqtts', serveOn('mqtts')) },
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

function httpServer(deps: GatewayDeps, domainOf: WebSocketDeps['domainOf']): HttpServer {
  const server = createHttpServer({ noDelay: true, keepAliveTimeout: 65_000 }, (request, response) =>
    deps.handleRequest(request, response, domainOf(request.socket)),
  );
  server.on('upgrade', createWebSocketDoor({ ...deps, domainOf }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    deps.log.debug({ cause: error.message }, 'an HTTP request could not be read');
    if (socket.writable && error.code !== 'ECONNRESET')
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** MQTT of a client that needs a certificate and an authorizer's word. */
function serveWithBoth(deps: GatewayDeps, socket: TLSSocket, name: TlsDoorName, domain: Domain): void {
  const der = clientCertificate(socket);
  if (!der) {
    deps.onRefusal(missingCertificate(addressOf(socket)));
    socket.destroy();
    return;
  }
  const origin = certificateOrigin(socket);
  const certificate: AskCertificate = async () => {
    const principal = await deps.authenticateCertificate(der, origin);
    return 'refusal' in principal ? undefined : { principal, pem: new X509Certificate(der).toString() };
  };
  serveWithAuthorizer(deps, deps.profile, socket, { name, domain, certificate });
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
