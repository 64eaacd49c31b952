/**
 * MQTT without HTTP: over mutual TLS, on whatever port, and on the plain port. Finds out who is there and hands the socket
 * to the broker.
 */
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Broker, Profile } from '../broker/broker.ts';
import { anonymous, type CertificatePrincipal } from '../identity/principal.ts';
import { addressOf, clientCertificate, clientChain, serverNameOf } from './addresses.ts';
import { feed, socketTransport } from './socket-transport.ts';

export interface MqttDeps {
  readonly broker: Pick<Broker, 'accept'>;
  readonly log: Log;
  /** Whose certificate it is, or why it is not accepted. `chain`: the certificates that were sent along. */
  readonly authenticateCertificate: (
    der: Buffer,
    serverName: string | undefined,
    chain: readonly Buffer[],
  ) => Promise<CertificatePrincipal | { readonly refusal: string }>;
}

/** A TLS socket whose client must have shown a registered, active certificate. */
export function serveWithCertificate(deps: MqttDeps, profile: Profile, socket: TLSSocket): void {
  const { broker, log } = deps;
  const sourceIp = addressOf(socket);
  const der = clientCertificate(socket);
  if (!der) {
    log.warn({ sourceIp }, 'MQTT client refused: it showed no certificate');
    socket.destroy();
    return;
  }
  const serverName = serverNameOf(socket);
  const chain = clientChain(socket);
  deps.authenticateCertificate(der, serverName, chain).then(
    (found) => {
      if ('refusal' in found) {
        log.warn({ sourceIp, refusal: found.refusal }, 'MQTT client refused by its certificate');
        socket.destroy();
      } else if (!socket.destroyed) {
        // Asked again at CONNECT: the certificate may have been deactivated since the handshake.
        const authenticate = async () => {
          const now = await deps.authenticateCertificate(der, serverName, chain);
          return 'refusal' in now ? undefined : now;
        };
        const door = { profile, transport: socketTransport(socket), sourceIp, secure: true, authenticate };
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
    const door = { profile, transport: socketTransport(socket), sourceIp, secure: false, authenticate };
    feed(socket, deps.broker.accept(door));
  });
}
