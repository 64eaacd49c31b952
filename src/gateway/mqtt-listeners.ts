/**
 * MQTT without HTTP: over mutual TLS, on whatever port, and on the plain port. Finds out who is there and hands the socket
 * to the broker.
 */
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Broker, Profile } from '../broker/broker.ts';
import type { CertificateOrigin } from '../identity/identity.ts';
import { anonymous, type CertificatePrincipal } from '../identity/principal.ts';
import type { Refusal } from '../identity/refusal.ts';
import { addressOf, certificateOrigin, clientCertificate } from './addresses.ts';
import { feed, socketTransport } from './socket-transport.ts';

export interface MqttDeps {
  readonly broker: Pick<Broker, 'accept'>;
  readonly log: Log;
  /** Whose certificate it is, or why it is not accepted, which the operator is told already. */
  readonly authenticateCertificate: (
    der: Buffer,
    origin: CertificateOrigin,
  ) => Promise<CertificatePrincipal | { readonly refusal: string }>;
  /** Told of connections that end before anybody knows whose they are. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** How MQTT over TLS came in: on the port of its own, or on the one for everything. */
export type TlsDoorName = 'mqtts' | 'alpn';

export function missingCertificate(sourceIp: string): Refusal {
  const detail = 'MQTT over TLS needs a client certificate, and the client showed none';
  return { reason: 'certificate-missing', detail, sourceIp, action: 'connect' };
}

/** A TLS socket whose client must have shown a registered, active certificate. */
export function serveWithCertificate(deps: MqttDeps, profile: Profile, socket: TLSSocket, name: TlsDoorName): void {
  const { broker, log } = deps;
  const sourceIp = addressOf(socket);
  const der = clientCertificate(socket);
  if (!der) {
    deps.onRefusal(missingCertificate(sourceIp));
    socket.destroy();
    return;
  }
  const origin = certificateOrigin(socket);
  deps.authenticateCertificate(der, origin).then(
    (found) => {
      if ('refusal' in found) socket.destroy();
      else if (!socket.destroyed) {
        // Asked again at CONNECT: the certificate may have been deactivated since the handshake.
        const authenticate = async () => {
          const now = await deps.authenticateCertificate(der, origin);
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
