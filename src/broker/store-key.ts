import { createHash } from 'node:crypto';

/** Client ids and topics may be longer than the store's keys; `#` begins neither in the store otherwise. */
const LONGEST = 900;

/** The key under which something named by a client id or topic is stored. */
export function storeKey(name: string): string {
  if (name.length * 3 <= LONGEST || Buffer.byteLength(name) <= LONGEST) return name;
  return `#${createHash('sha256').update(name).digest('hex')}`;
}
