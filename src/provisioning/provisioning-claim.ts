/**
 * Claims for trusted users (identity-registry-provisioning.md section 4): a certificate that works for five minutes and can
 * do nothing but provision one device with one template. The rights come from the platform: no policy in the account says so.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest } from '../base/errors.ts';
import type { IssuedCertificates } from './issued-certificate.ts';
import { requireTemplate, type TemplateRecords } from './template-record.ts';

export interface ClaimDeps {
  readonly records: TemplateRecords;
  readonly issued: Pick<IssuedCertificates, 'claim'>;
  readonly place: Place;
}

export type ClaimOperations = Pick<IotOperations, 'createProvisioningClaim'>;

export function claimOperations({ records, issued, place }: ClaimDeps): ClaimOperations {
  return {
    async createProvisioningClaim({ templateName }) {
      const { value } = await requireTemplate(records, templateName);
      if (value.type !== 'FLEET_PROVISIONING') {
        throw invalidRequest(`The provisioning template ${templateName} is not of the type FLEET_PROVISIONING`);
      }
      const { certificate, expiresAtMs } = await issued.claim(claimPolicy(templateName, place));
      const { certificateId, certificatePem, keyPair } = certificate;
      return { certificateId, certificatePem, keyPair, expiration: new Date(expiresAtMs) };
    },
  };
}

function claimPolicy(templateName: string, place: Place): string {
  const topics = [
    '$aws/certificates/create/*',
    '$aws/certificates/create-from-csr/*',
    `$aws/provisioning-templates/${templateName}/provision/*`,
  ];
  const arns = (kind: string): string[] => topics.map((topic) => iotArn(place, `${kind}/${topic}`));
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: iotArn(place, 'client/*') },
      { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arns('topic') },
      { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arns('topicfilter') },
    ],
  });
}
