/**
 * The services of the front and what the models do not say of them: under which signing names clients call them, how
 * large a request may be, who may call without a signature. One row per service; nothing else in `api/` knows a
 * service by name.
 */
import type { IotOperations } from './generated/iot.ts';
import type { IotDataOperations } from './generated/iot-data.ts';
import type { IotJobsDataOperations } from './generated/iot-jobs-data.ts';
import type { IotSecureTunnelingOperations } from './generated/iotsecuretunneling.ts';

/** The handlers there are; an operation without one answers 501. */
export interface Services {
  readonly iot?: Partial<IotOperations>;
  readonly 'iot-data'?: Partial<IotDataOperations>;
  readonly 'iot-jobs-data'?: Partial<IotJobsDataOperations>;
  readonly iotsecuretunneling?: Partial<IotSecureTunnelingOperations>;
}

/** Also the name of the model's file. */
export type ServiceName = keyof Services;

export interface ServiceTraits {
  /** What SigV4 scopes call it (sigv4.md section 1), in lower case. */
  readonly signingNames: readonly string[];
  /** Largest request body in bytes; a longer one is refused with 413. */
  readonly bodyLimit: number;
  /** A device may call with its client certificate instead of a signature. */
  readonly acceptsCertificates: boolean;
  /** The handlers ask the policies, since only they know the resource; otherwise the front does before it calls them. */
  readonly authorizesItself: boolean;
  /** Errors carry the request id in the body too, as `traceId`. */
  readonly hasTraceId: boolean;
  /** Requests that the service takes in a wider form than its model says. */
  readonly wideUris: Readonly<Record<string, string>>;
  /** Members of errors that the service sends though its model does not know them (shadow.md section 7). */
  readonly unmodelledErrorMembers: readonly string[];
  /** What the service answers where its model knows no output. */
  readonly unmodelledOutputs: Readonly<Record<string, (requestId: string) => object>>;
}

const KIB = 1024;

export const traits: Readonly<Record<ServiceName, ServiceTraits>> = {
  iot: {
    signingNames: ['iot', 'execute-api'],
    // The largest documents of the control plane (policies of 404,600 characters) fit with room to spare.
    bodyLimit: 1024 * KIB,
    acceptsCertificates: false,
    authorizesItself: false,
    hasTraceId: false,
    unmodelledErrorMembers: [],
    wideUris: {},
    unmodelledOutputs: {},
  },
  'iot-data': {
    signingNames: ['iotdata', 'iotdevicegateway'],
    // The largest MQTT payload.
    bodyLimit: 128 * KIB,
    acceptsCertificates: true,
    authorizesItself: true,
    hasTraceId: true,
    unmodelledErrorMembers: ['code', 'timestamp', 'clientToken'],
    // Slashes of a topic need not be percent-encoded (gateway-broker.md section 8).
    wideUris: { '/topics/{topic}': '/topics/{topic+}', '/retainedMessage/{topic}': '/retainedMessage/{topic+}' },
    unmodelledOutputs: { Publish: (requestId) => ({ message: 'OK', traceId: requestId }) },
  },
  'iot-jobs-data': {
    signingNames: ['iot-jobs-data'],
    // Status details of 32 KiB, results and parameters of commands in base64.
    bodyLimit: 256 * KIB,
    acceptsCertificates: true,
    authorizesItself: true,
    hasTraceId: false,
    unmodelledErrorMembers: [],
    wideUris: {},
    unmodelledOutputs: {},
  },
  iotsecuretunneling: {
    signingNames: ['iotsecuredtunneling'],
    bodyLimit: 64 * KIB,
    acceptsCertificates: false,
    authorizesItself: false,
    hasTraceId: false,
    unmodelledErrorMembers: [],
    wideUris: {},
    unmodelledOutputs: {},
  },
};

export const serviceNames = Object.keys(traits) as ServiceName[];
