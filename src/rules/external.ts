/**
 * Functions that ask somebody else (rules-engine.md section 6.7). Evaluation itself never waits: an expression that
 * needs an answer stops with `AnswerNeeded`, the answer is fetched, and the evaluation starts anew with it at hand.
 * Rules without such functions pay nothing.
 */
import { messageOf } from '../base/errors.ts';
import { toText } from './convert.ts';
import { EvaluationFailure } from './frame.ts';
import { parseJson, printJson } from './json.ts';
import { isNumber, isObject, type SqlVersion, type Value } from './value.ts';

/**
 * Who answers; `server.ts` plugs them together. Absent: rules that use the function are refused. Answers are JSON
 * texts; a rejection is a failure of the function.
 */
export interface ExternalFunctions {
  awsLambda?(functionArn: string, payload: string): Promise<string>;
  /** Undefined: there is no such item. */
  getDynamodb?(tableName: string, key: readonly DynamodbKey[], roleArn: string): Promise<string | undefined>;
  getSecret?(secretId: string, roleArn: string): Promise<{ readonly text?: string; readonly binary?: Buffer }>;
  getThingShadow?(thingName: string, shadowName: string | undefined, roleArn: string): Promise<string>;
  getRegistryData?(operation: string, thingName: string, roleArn: string): Promise<string>;
}

export interface DynamodbKey {
  readonly name: string;
  readonly value: string;
  readonly isNumber: boolean;
}

export interface ExternalFunction {
  readonly since: '2015-10-08' | '2016-03-23';
  readonly arity: readonly [least: number, most: number];
  isAvailable(functions: ExternalFunctions): boolean;
  /** Undefined when the arguments have the wrong types: then there is nobody to ask and the result is Undefined. */
  request(args: readonly Value[], version: SqlVersion): Request | undefined;
}

type Request = (functions: ExternalFunctions) => Promise<Value>;

/** An external function failed: ends the rule unless get_or_default stands around it. */
export class ExternalFailure extends EvaluationFailure {
  override readonly name = 'ExternalFailure';
}

/** Not an error: the evaluation has to start anew when this has been answered. */
export class AnswerNeeded extends Error {
  override readonly name = 'AnswerNeeded';
  readonly key: string;
  readonly functionName: string;
  readonly request: Request;

  constructor(key: string, functionName: string, request: Request) {
    super(`${functionName} has to be asked`);
    this.key = key;
    this.functionName = functionName;
    this.request = request;
  }
}

/** Questions that one rule may have about one message. */
const answerLimit = 20;

/** What external functions said for one rule and message: the same question is asked once. */
export class Answers {
  readonly #functions: ExternalFunctions;
  readonly #onAnswer: (functionName: string, failure: string | undefined) => void;
  #known: Map<string, { readonly value: Value } | { readonly failure: string }> | undefined;

  /** `onAnswer` is told of each question that was answered, for the log. */
  constructor(
    functions: ExternalFunctions,
    onAnswer: (functionName: string, failure: string | undefined) => void = () => {},
  ) {
    this.#functions = functions;
    this.#onAnswer = onAnswer;
  }

  /** Throws AnswerNeeded, or ExternalFailure when the answer was one. */
  of(name: string, fn: ExternalFunction, args: readonly Value[], version: SqlVersion): Value {
    const request = fn.request(args, version);
    if (!request) return undefined;
    const key = `${name}${printJson(args, version)}`;
    const answer = this.#known?.get(key);
    if (!answer) throw new AnswerNeeded(key, name, request);
    if ('failure' in answer) throw new ExternalFailure(`${name} failed: ${answer.failure}`);
    return answer.value;
  }

  async fetch(needed: AnswerNeeded): Promise<void> {
    this.#known ??= new Map();
    if (this.#known.size >= answerLimit) {
      throw new EvaluationFailure(`A rule may ask external functions at most ${answerLimit} times for a message`);
    }
    try {
      this.#known.set(needed.key, { value: await needed.request(this.#functions) });
      this.#onAnswer(needed.functionName, undefined);
    } catch (error) {
      const failure = messageOf(error);
      this.#known.set(needed.key, { failure });
      this.#onAnswer(needed.functionName, failure);
    }
  }
}

/** Runs `evaluate`, as often as it stops for an answer. */
export async function withAnswers<T>(answers: Answers, evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof AnswerNeeded)) throw error;
      await answers.fetch(error);
    }
  }
}

const unavailable = { isAvailable: () => false, request: () => undefined } as const;

const functions: Readonly<Record<string, ExternalFunction>> = {
  aws_lambda: {
    since: '2015-10-08',
    arity: [2, 2],
    isAvailable: (available) => available.awsLambda !== undefined,
    request: ([arn, input], version) => {
      const payload = printJson(input, version);
      if (typeof arn !== 'string' || payload === undefined) return undefined;
      return async (port) => parseJson(await port.awsLambda!(arn, payload));
    },
  },
  get_dynamodb: {
    since: '2016-03-23',
    arity: [4, 6],
    isAvailable: (available) => available.getDynamodb !== undefined,
    request: (args, version) => {
      const [table, ...rest] = args;
      const role = rest.pop();
      const key = [keyOf(rest[0], rest[1], version), rest.length === 4 ? keyOf(rest[2], rest[3], version) : undefined];
      const isComplete = key[0] !== undefined && (rest.length === 2 || key[1] !== undefined);
      if (typeof table !== 'string' || typeof role !== 'string' || !isComplete) return undefined;
      return async (port) => {
        const item = await port.getDynamodb!(
          table,
          key.filter((part) => part !== undefined),
          role,
        );
        return item === undefined ? undefined : parseJson(item);
      };
    },
  },
  get_secret: {
    since: '2015-10-08',
    arity: [3, 4],
    isAvailable: (available) => available.getSecret !== undefined,
    request: (args, version) => {
      const [id, type, key, role] = args.length === 3 ? [args[0], args[1], undefined, args[2]] : args;
      const name = toText(key, version);
      if (typeof id !== 'string' || typeof role !== 'string' || (args.length === 4 && name === undefined))
        return undefined;
      return async (port) => secretValue(await port.getSecret!(id, role), type, name);
    },
  },
  get_thing_shadow: {
    since: '2016-03-23',
    arity: [2, 3],
    isAvailable: (available) => available.getThingShadow !== undefined,
    request: (args, version) => {
      const thing = toText(args[0], version);
      const shadow = args.length === 3 ? toText(args[1], version) : undefined;
      const role = args[args.length - 1];
      if (thing === undefined || typeof role !== 'string' || (args.length === 3 && shadow === undefined))
        return undefined;
      return async (port) => parseJson(await port.getThingShadow!(thing, shadow, role));
    },
  },
  get_registry_data: {
    since: '2016-03-23',
    arity: [3, 3],
    isAvailable: (available) => available.getRegistryData !== undefined,
    request: ([operation, thing, role], version) => {
      const thingName = toText(thing, version);
      if (operation !== 'DescribeThing' && operation !== 'ListThingGroupsForThing') return undefined;
      if (thingName === undefined || typeof role !== 'string') return undefined;
      return async (port) => parseJson(await port.getRegistryData!(operation, thingName, role));
    },
  },
  // The service behind it is retired.
  machinelearning_predict: { since: '2015-10-08', arity: [3, 3], ...unavailable },
};

/** By name, any case. */
export function externalFunctionNamed(name: string): ExternalFunction | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(functions, key) ? functions[key] : undefined;
}

function keyOf(name: Value, value: Value, version: SqlVersion): DynamodbKey | undefined {
  const text = toText(value, version);
  return typeof name === 'string' && text !== undefined ? { name, value: text, isNumber: isNumber(value) } : undefined;
}

function secretValue(
  secret: { readonly text?: string; readonly binary?: Buffer },
  type: Value,
  key: string | undefined,
): Value {
  if (type === 'SecretBinary') {
    if (key !== undefined) throw new Error('a binary secret has no keys');
    if (!secret.binary) throw new Error('the secret is not binary');
    return secret.binary.toString('base64');
  }
  if (type !== 'SecretString' || secret.text === undefined) throw new Error('the secret has no SecretString');
  const object = jsonObject(secret.text);
  if (key === undefined) return object ?? secret.text;
  const member = object?.get(key);
  if (member === undefined) throw new Error(`the secret has no key '${key}'`);
  return member;
}

function jsonObject(text: string): ReadonlyMap<string, Value> | undefined {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
