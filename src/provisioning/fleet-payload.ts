/** Messages of fleet provisioning in their two formats, which have the same members. Anything may come in here. */
import type { JsonValue } from '../api/json.ts';
import { CborError, type CborValue, decodeCbor, encodeCbor } from '../base/cbor.ts';
import { messageOf } from '../base/errors.ts';
import { Rejection } from './fleet-rejection.ts';

export type Format = 'json' | 'cbor';
type JsonObject = { readonly [key: string]: JsonValue };

export function isFormat(text: string): text is Format {
  return text === 'json' || text === 'cbor';
}

/** The members of a request; nothing at all counts as none. Throws Rejection. */
export function readPayload(payload: Buffer, format: Format): JsonObject {
  if (payload.length === 0) return {};
  const value = format === 'json' ? readJson(payload) : readCbor(payload);
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)) {
    return value as JsonObject;
  }
  throw invalidPayload('it must be an object');
}

export function writePayload(body: JsonObject, format: Format): Buffer {
  return format === 'json' ? Buffer.from(JSON.stringify(body)) : encodeCbor(body);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readJson(payload: Buffer): JsonValue {
  try {
    return JSON.parse(utf8.decode(payload)) as JsonValue;
  } catch (error) {
    throw invalidPayload(messageOf(error));
  }
}

function readCbor(payload: Buffer): CborValue {
  try {
    return decodeCbor(payload);
  } catch (error) {
    if (error instanceof CborError) throw invalidPayload(error.message);
    throw error;
  }
}

function invalidPayload(reason: string): Rejection {
  return new Rejection(400, 'InvalidPayload', `The payload is not valid: ${reason}`);
}
