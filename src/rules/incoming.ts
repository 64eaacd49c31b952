/**
 * A message on its way through the rules: its payload is read as JSON at most once and its trace id made at most once,
 * however many rules it meets. Nothing is done before a rule asks.
 */
import { isUtf8 } from 'node:buffer';
import type { Random } from '../base/random.ts';
import type { Message } from '../broker/message.ts';
import { parseJson } from './json.ts';
import type { Value } from './value.ts';

const basicIngestTopic = /^\$aws\/rules\/[^/]+(?:\/|$)/;

export class Incoming {
  readonly message: Message;
  /** The topic without the prefix of Basic Ingest (section 10). */
  readonly topic: string;
  #json: Value;
  #isRead = false;
  #traceId: string | undefined;
  #kept: Buffer | undefined;

  constructor(message: Message) {
    this.message = message;
    this.topic = message.topic.replace(basicIngestTopic, '');
  }

  /** The payload's JSON value, or its bytes when it is not JSON. */
  payload(): Value {
    if (!this.#isRead) {
      const json = readJson(this.#kept ?? this.message.payload);
      this.#json = json === notJson ? this.bytes() : json;
      this.#isRead = true;
    }
    return this.#json;
  }

  /** True when a rule asked for JSON and there is none. */
  get isUnreadable(): boolean {
    return this.#isRead && Buffer.isBuffer(this.#json);
  }

  traceId(random: Random): string {
    this.#traceId ??= random.uuid();
    return this.#traceId;
  }

  /** The payload's bytes, fit to be kept beyond the turn in which the message was accepted. */
  bytes(): Buffer {
    this.#kept ??= Buffer.from(this.message.payload);
    return this.#kept;
  }
}

/** One Incoming per message, as long as the message lives. */
export function incomingMessages(): (message: Message) => Incoming {
  const known = new WeakMap<Message, Incoming>();
  return (message) => {
    let incoming = known.get(message);
    if (!incoming) {
      incoming = new Incoming(message);
      known.set(message, incoming);
    }
    return incoming;
  };
}

const notJson = Symbol('not JSON');

function readJson(payload: Buffer): Value | typeof notJson {
  if (!isUtf8(payload)) return notJson;
  try {
    return parseJson(payload.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return notJson;
    throw error;
  }
}
