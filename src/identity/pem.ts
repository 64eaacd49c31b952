/**
 * PEM (RFC 7468): the text form of keys, certificates and requests. Called wherever one comes in or goes out. Reads
 * anything without throwing; whether the bytes inside mean anything is for others to say.
 */

/** The bytes of the first block with one of these labels, or undefined if there is none that is well-formed. */
export function firstPemBlock(text: string, labels: readonly string[]): Buffer | undefined {
  for (const label of labels) {
    const start = text.indexOf(`-----BEGIN ${label}-----`);
    if (start < 0) continue;
    const bodyStart = start + `-----BEGIN ${label}-----`.length;
    const end = text.indexOf(`-----END ${label}-----`, bodyStart);
    if (end < 0) continue;
    const body = text.slice(bodyStart, end).replace(/\s/g, '');
    if (body.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body)) return Buffer.from(body, 'base64');
  }
  return undefined;
}

/** Lines of 64 characters, each ended by a line feed. */
export function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
