/**
 * A service's model at run time: its operations, errors and protocol. Loading parses the file and nothing more;
 * shapes, with their regular expressions, are compiled when an operation is first called.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceName, type ServiceTraits, traits } from './services.ts';
import { type RawReference, type RawShape, type ShapeOf, type StructureShape, shapeCompiler } from './shape.ts';

/** rest-json binds members to path, query and headers; json (AWS JSON 1.1) puts everything into the body. */
export type Protocol = 'rest-json' | 'json';

export interface ServiceModel {
  readonly name: ServiceName;
  readonly traits: ServiceTraits;
  readonly protocol: Protocol;
  /** Of json: what `X-Amz-Target` begins with. */
  readonly targetPrefix: string | undefined;
  readonly operations: readonly OperationRoute[];
  /** The operation, compiled. Throws on an unknown name. */
  operation(name: string): Operation;
  /** The error of that code, if the model has it. */
  error(code: string): ErrorShape | undefined;
}

export interface OperationRoute {
  /** As the model writes it: `CreateThing`. */
  readonly name: string;
  readonly method: string;
  readonly uri: string;
}

export interface Operation extends OperationRoute {
  readonly model: ServiceModel;
  /** `createThing`: what its handler is called. */
  readonly handlerName: string;
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
  /** The status of a success. */
  readonly status: number;
  /** The code under which this operation reports inputs that break a constraint. */
  readonly validationCode: string;
  /** The code under which it reports a defect of the server. */
  readonly failureCode: string;
}

export interface ErrorShape {
  readonly status: number;
  readonly shape: StructureShape;
}

interface RawOperation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: RawReference;
  readonly output?: RawReference;
  readonly errors?: readonly RawReference[];
}

interface RawModel {
  readonly metadata: { readonly protocol: string; readonly targetPrefix?: string };
  readonly operations: Readonly<Record<string, RawOperation>>;
  readonly shapes: Readonly<Record<string, RawShape>>;
}

/** Reads `<folder>/<name>.json`. Throws when it is missing or of a protocol that is not spoken here. */
export function loadModel(name: ServiceName, folder: string): ServiceModel {
  return buildModel(name, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as RawModel);
}

/** The model of a parsed file; tests give small ones. */
export function buildModel(name: ServiceName, raw: RawModel): ServiceModel {
  const { protocol, targetPrefix } = raw.metadata;
  if (protocol !== 'rest-json' && protocol !== 'json') throw new Error(`${name} has the unknown protocol ${protocol}`);
  const shapeOf = shapeCompiler(raw.shapes);
  const model: ServiceModel = {
    name,
    traits: traits[name],
    protocol,
    targetPrefix,
    operations: Object.values(raw.operations).map((operation) => routeOf(operation, traits[name])),
    operation: once((operationName) => compileOperation(operationName, model, raw, shapeOf)),
    error: once((code) => compileError(code, raw, shapeOf)),
  };
  return model;
}

/** `CreateThing` → `createThing`. */
export function handlerName(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

function routeOf({ name, http }: RawOperation, { wideUris }: ServiceTraits): OperationRoute {
  return { name, method: http.method, uri: wideUris[http.requestUri] ?? http.requestUri };
}

function compileOperation(name: string, model: ServiceModel, raw: RawModel, shapeOf: ShapeOf): Operation {
  if (!Object.hasOwn(raw.operations, name)) throw new Error(`${model.name} has no operation ${name}`);
  const operation = raw.operations[name];
  const errors = (operation.errors ?? []).map((error) => error.shape);
  const modelled = (codes: readonly string[]): string => codes.find((code) => errors.includes(code)) ?? codes[0];
  const invalid = ['InvalidRequestException', 'ValidationException'];
  return {
    ...routeOf(operation, model.traits),
    model,
    handlerName: handlerName(name),
    input: operation.input && structureOf(operation.input, shapeOf),
    output: operation.output && structureOf(operation.output, shapeOf),
    status: operation.http.responseCode ?? 200,
    validationCode: modelled(model.protocol === 'json' ? invalid.reverse() : invalid),
    failureCode: modelled(['InternalFailureException', 'InternalServerException', 'InternalException']),
  };
}

function compileError(code: string, raw: RawModel, shapeOf: ShapeOf): ErrorShape | undefined {
  const shape = Object.hasOwn(raw.shapes, code) ? raw.shapes[code] : undefined;
  if (!shape?.exception) return undefined;
  return {
    status: shape.error?.httpStatusCode ?? (shape.fault ? 500 : 400),
    shape: structureOf({ shape: code }, shapeOf),
  };
}

function structureOf(reference: RawReference, shapeOf: ShapeOf): StructureShape {
  const shape = shapeOf(reference.shape);
  if (shape.kind !== 'structure') throw new Error(`${reference.shape} is not a structure`);
  return shape;
}

/** `make`, remembering its results. */
function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    let value = made.get(name);
    if (value === undefined) {
      value = make(name);
      if (value !== undefined) made.set(name, value);
    }
    return value;
  };
}
