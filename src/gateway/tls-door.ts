/**
 * A port that speaks TLS. Reads the client's hello, finds the domain that the client means, and lets a TLS server with
 * that domain's certificate, versions and suites do the handshake; who is not served is told so by an alert, before any
 * cryptography. There is one TLS server for each Domain object, gone with it. Knows no MQTT and no HTTP.
 */
import { constants } from 'node:crypto';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Domain, ShownCertificates } from '../identity/identity.ts';
import type { Refusal } from '../identity/refusal.ts';
import { addressOf, serverNameOf } from './addresses.ts';
import { type ClientHello, LONGEST_HELLO, parseClientHello } from './client-hello.ts';
import { asksForCertificate, chooseProtocol, type TlsPort, type WayIn, wayIn } from './way-in.ts';

export interface TlsDoorDeps {
  readonly log: Log;
  /** Told of clients that are not let in. */
  readonly onRefusal: (refusal: Refusal) => void;
  /** Real time. */
  readonly clock: Clock;
  /** The domain of this SNI; undefined when the server has no such name. */
  readonly findDomain: (serverName: string | undefined) => Promise<Domain | undefined>;
  /** Why the domain does not let in who shows these certificates, besides all other reasons. Never rejects. */
  readonly refusalOf: (domain: Domain, shown: ShownCertificates) => Promise<string | undefined>;
}

/** What is done with a socket once its handshake is over. */
export type Serve = (socket: TLSSocket, domain: Domain, way: WayIn) => void;

/** The reason of refusals by the rules of a domain, for the operator. */
export const DOMAIN_REFUSES = 'tls-domain';

const HANDSHAKE_MS = 10_000;

/** Alerts of RFC 8446 section 6.2. */
const ACCESS_DENIED = 49;
const INTERNAL_ERROR = 80;
const UNRECOGNIZED_NAME = 112;
const NO_APPLICATION_PROTOCOL = 120;

/** Of handshakes: SHA-256 or better, with RSA or ECDSA. */
const SIGNATURES = ['ECDSA', 'RSA-PSS', 'RSA'].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}+SHA${bits}`));

export function tlsDoor(deps: TlsDoorDeps, port: TlsPort, serve: Serve): Server {
  const { log } = deps;
  const servers = new WeakMap<Domain, TlsServer>();
  const serverFor = (domain: Domain): TlsServer => {
    const known = servers.get(domain);
    if (known) return known;
    const server = domainServer(deps, port, domain, serve);
    servers.set(domain, server);
    return server;
  };

  async function direct(socket: Socket, { serverName, protocols }: ClientHello): Promise<void> {
    const domain = await deps.findDomain(serverName);
    if (socket.destroyed) return;
    const refuse = (alert: number, reason: string): void => {
      deps.onRefusal(refusalOf(socket, DOMAIN_REFUSES, reason, serverName));
      socket.end(fatalAlert(alert));
    };
    if (!domain) return refuse(UNRECOGNIZED_NAME, 'the server has no such name: see --certificate-host');
    if (!domain.isEnabled) return refuse(ACCESS_DENIED, 'the domain configuration is disabled');
    const protocol = chooseProtocol(domain, port, protocols);
    if (protocol === undefined && protocols.length > 0)
      return refuse(NO_APPLICATION_PROTOCOL, `none of ${protocols.join(', ').slice(0, 200)} is served there`);
    if (!wayIn(domain, port, protocol)) return refuse(ACCESS_DENIED, 'the domain is not served on this port so');
    serverFor(domain).emit('connection', socket);
  }

  return createTcpServer({ noDelay: true }, (socket) => {
    socket.on('error', (error) => log.debug({ sourceIp: addressOf(socket), cause: error.message }, 'a socket failed'));
    readHello(deps, socket, (hello) => {
      direct(socket, hello).catch((error: unknown) => {
        log.error({ serverName: hello.serverName, cause: messageOf(error) }, 'a domain could not be looked up');
        socket.end(fatalAlert(INTERNAL_ERROR));
      });
    });
  });
}

/** Calls `then` once the hello is there, which stays in the socket to be read again. */
function readHello({ clock, onRefusal }: TlsDoorDeps, socket: Socket, then: (hello: ClientHello) => void): void {
  let bytes: Buffer | undefined;
  const stop = (): void => {
    timer.cancel();
    socket.removeListener('data', onData);
    socket.removeListener('close', stop);
  };
  const timer = clock.after(HANDSHAKE_MS, () => {
    stop();
    socket.destroy();
  });
  const onData = (chunk: Buffer): void => {
    bytes = bytes ? Buffer.concat([bytes, chunk]) : chunk;
    const hello = bytes.length > LONGEST_HELLO ? 'notHello' : parseClientHello(bytes);
    if (hello === 'incomplete') return;
    stop();
    if (hello === 'notHello') {
      onRefusal(refusalOf(socket, 'tls-handshake', 'it does not begin like TLS'));
      socket.destroy();
      return;
    }
    socket.pause();
    socket.unshift(bytes);
    then(hello);
  };
  socket.on('data', onData);
  socket.on('close', stop);
}

/** Does the handshakes of one domain; never listens itself. */
function domainServer(deps: TlsDoorDeps, port: TlsPort, domain: Domain, serve: Serve): TlsServer {
  const { log } = deps;
  const server = createTlsServer({
    ...domain.certificate,
    ...domain.tls,
    dhparam: 'auto',
    sigalgs: SIGNATURES.join(':'),
    // Whoever was let in stays who it is.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    requestCert: asksForCertificate(domain),
    // Any client certificate is taken, then looked up: identity is "this exact certificate is registered" (section 3).
    rejectUnauthorized: false,
    ca: [],
    handshakeTimeout: HANDSHAKE_MS,
    ALPNCallback: ({ protocols }) => chooseProtocol(domain, port, protocols),
  });
  server.on('secureConnection', (socket) => {
    const sourceIp = addressOf(socket);
    socket.on('error', (error) => log.debug({ sourceIp, cause: error.message }, 'a socket failed'));
    const way = wayIn(domain, port, socket.alpnProtocol || undefined);
    if (!way) return socket.destroy();
    if (domain.clientCertificateCallbackArn === undefined) return serve(socket, domain, way);
    const serverName = serverNameOf(socket);
    const shown = { chain: certificateChain(socket), ...(serverName !== undefined && { serverName }) };
    void deps.refusalOf(domain, shown).then((refusal) => {
      if (refusal === undefined && !socket.destroyed) return serve(socket, domain, way);
      if (refusal !== undefined) deps.onRefusal(refusalOf(socket, DOMAIN_REFUSES, refusal, serverName));
      socket.destroy();
    });
  });
  server.on('tlsClientError', (error, socket) => deps.onRefusal(refusalOf(socket, 'tls-handshake', error.message)));
  return server;
}

/** `tls-handshake` is often the client's own doing: it does not trust the CA, or was given another host's name. */
function refusalOf(
  socket: Socket,
  reason: 'tls-handshake' | typeof DOMAIN_REFUSES,
  detail: string,
  serverName?: string,
): Refusal {
  const resource = serverName === undefined ? undefined : { resource: serverName };
  return { reason, detail, sourceIp: addressOf(socket), action: 'connect', ...resource };
}

/** DER, the client's own first. */
function certificateChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw && !chain.some((one) => one.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function fatalAlert(description: number): Buffer {
  return Buffer.of(21, 3, 3, 0, 2, 2, description);
}
