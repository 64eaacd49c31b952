/** Where a connection comes from. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CertificateOrigin } from '../identity/identity.ts';

/** More are not looked at. */
const LONGEST_CHAIN = 8;

/** The peer's address; IPv4 also where the socket is a dual-stack one. */
export function addressOf(socket: Socket): string {
  const address = socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

export function isSecure(socket: Socket): boolean {
  return (socket as TLSSocket).encrypted === true;
}

/** The DER of the client's certificate; undefined when it gave none. */
export function clientCertificate(socket: Socket): Buffer | undefined {
  return isSecure(socket) ? (socket as TLSSocket).getPeerX509Certificate()?.raw : undefined;
}

/** SNI; undefined when the client named no server. */
export function serverNameOf(socket: Socket): string | undefined {
  // Node has `false` where there was no SNI, whatever its types say.
  const name: unknown = isSecure(socket) ? (socket as TLSSocket).servername : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** How a client's certificate came. */
export function certificateOrigin(socket: Socket): CertificateOrigin {
  return { serverName: serverNameOf(socket), chain: clientChain(socket), sourceIp: addressOf(socket) };
}

/** The DER of the certificates the client sent after its own, as far as each issued the one before it. */
function clientChain(socket: Socket): readonly Buffer[] {
  const chain: Buffer[] = [];
  let issuer = isSecure(socket) ? (socket as TLSSocket).getPeerX509Certificate()?.issuerCertificate : undefined;
  while (issuer && chain.length < LONGEST_CHAIN) {
    chain.push(issuer.raw);
    issuer = issuer.issuerCertificate;
  }
  return chain;
}
