/** MD2 (RFC 1319), which no cryptographic library offers any more; the SQL still has it. Only for `hash.ts`. */

const block = 16;

/** The permutation of 0…255 made from the digits of pi. */
const substitution = Uint8Array.from(
  Buffer.from(
    '292e43c9a2d87c013d3654a1ecf0061362a705f3c0c7738c98932bd9bc4c82ca' +
      '1e9b573cfdd4e01667426f188a17e512be4ec4d6da9ede49a0fbf58ebb2fee7a' +
      'a968799115b2073f94c210890b225f21807f5d9a5a903227353ecce7bff79703' +
      'ff1930b348a5b5d1d75e922aac56aac64fb838d296a47db676fc6be29c7404f1' +
      '459d705964718720865bcf65e62da8021b6025adaeb0b9f61c46616934407e0f' +
      '5547a323dd51af3ac35cf9cebac5ea262c530d6e85288409d3dfcdf441814d52' +
      '6adc37c86cc1abfa24e17b080cbdb14a7888958be363e86de9cbd5fe3b001d39' +
      'f2efb70e6658d0e4a67772f8eb754b0a314450b48fed1f1adb998d339f118314',
    'hex',
  ),
);

export function md2(message: Buffer): Buffer {
  const padding = block - (message.length % block);
  const padded = Buffer.concat([message, Buffer.alloc(padding, padding)]);
  const whole = Buffer.concat([padded, checksum(padded)]);
  const state = new Uint8Array(3 * block);
  for (let at = 0; at < whole.length; at += block) mix(state, whole.subarray(at, at + block));
  return Buffer.from(state.subarray(0, block));
}

function checksum(padded: Buffer): Uint8Array {
  const sum = new Uint8Array(block);
  let last = 0;
  for (let at = 0; at < padded.length; at += block) {
    for (let i = 0; i < block; i++) last = sum[i] ^= substitution[padded[at + i] ^ last];
  }
  return sum;
}

function mix(state: Uint8Array, bytes: Uint8Array): void {
  for (let i = 0; i < block; i++) {
    state[block + i] = bytes[i];
    state[2 * block + i] = bytes[i] ^ state[i];
  }
  let carry = 0;
  for (let round = 0; round < 18; round++) {
    for (let i = 0; i < state.length; i++) carry = state[i] ^= substitution[carry];
    carry = (carry + round) & 0xff;
  }
}
