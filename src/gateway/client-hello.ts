/**
 * The first message of a TLS handshake (RFC 8446 section 4.1.2), read before anything answers it: which server the client
 * means and which protocols it speaks. Node's TLS can choose a certificate by that, but neither versions nor whether a
 * client certificate is asked for, so `tls-door.ts` looks here first. Pure; whatever comes in, nothing is thrown.
 */

export interface ClientHello {
  /** SNI; absent when there is none. */
  readonly serverName?: string;
  /** ALPN, the most wanted first; empty when there is none. */
  readonly protocols: readonly string[];
}

/** Longer ones, which nobody sends, are no hello to us. */
export const LONGEST_HELLO = 65_536;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;

/** `bytes`: all that came so far. */
export function parseClientHello(bytes: Buffer): ClientHello | 'incomplete' | 'notHello' {
  const message = handshakeBytes(bytes);
  if (message === 'notHello') return message;
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return 'notHello';
  if (message.length < 4) return 'incomplete';
  const length = message.readUIntBE(1, 3);
  if (length > LONGEST_HELLO) return 'notHello';
  if (message.length < 4 + length) return 'incomplete';
  return new HelloReader(message.subarray(4, 4 + length)).read() ?? 'notHello';
}

/** What the records so far carry of the handshake: a hello may be spread over several. */
function handshakeBytes(bytes: Buffer): Buffer | 'notHello' {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return 'notHello';
    if (at + 5 > bytes.length) break;
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end === at + 5) return 'notHello';
    parts.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** Reads vectors with a length before them; is broken once one does not fit. */
class HelloReader {
  readonly #bytes: Buffer;
  #at = 0;
  #isBroken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Undefined when it is not well-formed. */
  read(): ClientHello | undefined {
    this.#take(2 + 32);
    this.#vector(1);
    this.#vector(2);
    this.#vector(1);
    // A hello may end before its extensions.
    const extensions = new HelloReader(this.#atEnd ? Buffer.alloc(0) : this.#vector(2));
    let serverName: string | undefined;
    let protocols: readonly string[] = [];
    while (!extensions.#atEnd) {
      const type = extensions.#number(2);
      const body = new HelloReader(extensions.#vector(2));
      if (type === SERVER_NAME) serverName = body.#serverName();
      else if (type === ALPN) protocols = body.#protocols();
      if (body.#isBroken) return undefined;
    }
    if (this.#isBroken || extensions.#isBroken) return undefined;
    return { protocols, ...(serverName !== undefined && serverName !== '' && { serverName }) };
  }

  #serverName(): string | undefined {
    const names = new HelloReader(this.#vector(2));
    let found: string | undefined;
    while (!names.#atEnd) {
      const type = names.#number(1);
      const name = names.#vector(2);
      if (type === 0) found ??= name.toString('latin1');
    }
    if (names.#isBroken) this.#isBroken = true;
    return found;
  }

  #protocols(): string[] {
    const list = new HelloReader(this.#vector(2));
    const protocols: string[] = [];
    while (!list.#atEnd) protocols.push(list.#vector(1).toString('latin1'));
    if (list.#isBroken) this.#isBroken = true;
    return protocols;
  }

  get #atEnd(): boolean {
    return this.#isBroken || this.#at >= this.#bytes.length;
  }

  #vector(lengthBytes: 1 | 2): Buffer {
    return this.#take(this.#number(lengthBytes));
  }

  #number(size: 1 | 2): number {
    const bytes = this.#take(size);
    return this.#isBroken ? 0 : bytes.readUIntBE(0, size);
  }

  #take(size: number): Buffer {
    const end = this.#at + size;
    if (end > this.#bytes.length) this.#isBroken = true;
    if (this.#isBroken) return Buffer.alloc(0);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
