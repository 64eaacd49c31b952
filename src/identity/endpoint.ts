/** DescribeEndpoint: which host a device or SDK is to talk to (gateway-broker.md section 1). Called by the door. */
import type { IotOperations } from '../api/generated/iot.ts';
import { invalidRequest } from '../base/errors.ts';

export const ENDPOINT_TYPES = [
  'iot:Data',
  'iot:Data-ATS',
  'iot:Data-Beta',
  'iot:CredentialProvider',
  'iot:Jobs',
  'iot:DeviceAdvisor',
] as const;

export type EndpointType = (typeof ENDPOINT_TYPES)[number];

export interface EndpointsDeps {
  /** The host of each type, without scheme; the same for as long as the installation lives. */
  readonly hosts: Readonly<Record<EndpointType, string>>;
}

export function createEndpoints({ hosts }: EndpointsDeps): { operations: Pick<IotOperations, 'describeEndpoint'> } {
  return {
    operations: {
      describeEndpoint: async ({ endpointType = 'iot:Data' }) => {
        const type = ENDPOINT_TYPES.find((known) => known === endpointType);
        if (!type) throw invalidRequest(`Endpoint type ${endpointType} not recognized.`);
        return { endpointAddress: hosts[type] };
      },
    },
  };
}
