/**
 * The listeners on which MQTT comes without HTTP: mutual TLS on its own port, the MQTT guests of the TLS port, and the
 * plain port. Each finds out who is there and hands the socket to the broker.
 */
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Broker, Profile } from '../broker/broker.ts';
import { anonymous, type CertificatePrincipal } from '../identity/principal.ts';
import type { Refusal } from '../identity/refusal.ts';
import { addressOf, clientCertificate } from './addresses.ts';
import { feed, socketTransport } from './socket-transport.ts';

export interface MqttDeps {
  readonly broker: Pick<Broker, 'accept'>;
  readonly log: Log;
  /** Whose certificate it is, or why it is not accepted. */
  readonly authenticateCertificate: (
    der: Buffer,
    sourceIp: string,
  ) => Promise<CertificatePrincipal | { readonly refusal: string }>;
  /** Told of connections that end before anybody knows whose they are. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** What every TLS listener has in common: any client certificate is taken, then looked up (gateway-broker.md section 3). */
export function tlsOptions(credentials: { readonly key: string; readonly cert: string }): TlsOptions {
  return {
    ...credentials,
    minVersion: 'TLSv1.2',
    requestCert: true,
    rejectUnauthorized: false,
    // Identity is "this exact certificate is registered", so there are no certificate authorities to trust here.
    ca: [],
    handshakeTimeout: 10_000,
    noDelay: true,
  };
}

/** MQTT over mutual TLS, whatever the client offers by ALPN. */
export function mqttsServer(deps: MqttDeps, profile: Profile, credentials: { key: string; cert: string }): Server {
  const ALPNCallback = ({ protocols }: { protocols: string[] }): string => protocols[0];
  const server = createTlsServer({ ...tlsOptions(credentials), ALPNCallback });
  server.on('secureConnection', (socket) => serveWithCertificate(deps, profile, socket, 'mqtts'));
  server.on('tlsClientError', (error, socket) => deps.onRefusal(failedHandshake(error, socket)));
  return server;
}

/** Often the client's own doing: it does not trust the CA, or was given another host's name. */
export function failedHandshake(error: Error, socket: TLSSocket): Refusal {
  return { reason: 'tls-handshake', detail: error.message, sourceIp: addressOf(socket), action: 'connect' };
}

/** A TLS socket whose client must have shown a registered, active certificate. */
export function serveWithCertificate(
  deps: MqttDeps,
  profile: Profile,
  socket: TLSSocket,
  name: 'mqtts' | 'alpn',
): void {
  const { broker, log } = deps;
  const sourceIp = addressOf(socket);
  socket.on('error', (error) => log.debug({ sourceIp, cause: error.message }, 'a socket failed'));
  const der = clientCertificate(socket);
  if (!der) {
    const detail = 'MQTT over TLS needs a client certificate, and the client showed none';
    deps.onRefusal({ reason: 'certificate-missing', detail, sourceIp, action: 'connect' });
    socket.destroy();
    return;
  }
  deps.authenticateCertificate(der, sourceIp).then(
    (found) => {
      if ('refusal' in found) socket.destroy();
      else if (!socket.destroyed) {
        // Asked again at CONNECT: the certificate may have been deactivated since the handshake.
        const authenticate = async () => {
          const now = await deps.authenticateCertificate(der, sourceIp);
          return 'refusal' in now ? undefined : now;
        };
        const transport = socketTransport(socket);
        const door = { name, profile, transport, sourceIp, secure: true, authenticate };
        feed(socket, broker.accept(door));
      }
    },
    (error: unknown) => {
      log.error({ sourceIp, cause: messageOf(error) }, 'a certificate could not be looked up');
      socket.destroy();
    },
  );
}

/** Plain MQTT: no TLS, nobody is asked who they are. */
export function mqttServer(deps: MqttDeps, profile: Profile): Server {
  return createTcpServer({ noDelay: true }, (socket: Socket) => {
    const sourceIp = addressOf(socket);
    socket.on('error', (error) => deps.log.debug({ sourceIp, cause: error.message }, 'a socket failed'));
    const authenticate = async () => anonymous;
    const transport = socketTransport(socket);
    const door = { name: 'mqtt' as const, profile, transport, sourceIp, secure: false, authenticate };
    feed(socket, deps.broker.accept(door));
  });
}
