/**
 * The versions of a policy: at most five, numbered upwards for ever; one is the default, which decides. Part of
 * `createPolicies` (policies.md section 7). A change of the default is in force when the operation answers.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import type { Clock } from '../base/clock.ts';
import { deleteConflict, notFound, ServiceError } from '../base/errors.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { type PolicyRecord, type PolicyRecords, versionKey } from './policy-records.ts';

export type PolicyVersionOperations = Pick<
  IotOperations,
  'createPolicyVersion' | 'getPolicyVersion' | 'listPolicyVersions' | 'deletePolicyVersion' | 'setDefaultPolicyVersion'
>;

const MOST_VERSIONS = 5;

export function versionOperations(
  { clock }: { readonly clock: Clock },
  records: PolicyRecords,
): PolicyVersionOperations {
  return {
    createPolicyVersion: async ({ policyName, policyDocument, setAsDefault = false }) => {
      parsePolicyDocument(policyDocument);
      const policyVersionId = await records.inTurn(`policy ${policyName}`, async () => {
        const { value, version } = await records.policy(policyName);
        const versionId = nextVersion(policyName, value);
        const nowMs = clock.now();
        const record = {
          ...value,
          versionIds: [...value.versionIds, versionId],
          newestVersion: Number(versionId),
          ...(setAsDefault && { defaultVersionId: versionId, modifiedMs: nowMs }),
        };
        await records.commit([
          records.policies.put(policyName, record, { ifVersion: version }),
          records.versions.put(versionKey(policyName, versionId), { document: policyDocument, createdMs: nowMs }),
        ]);
        return versionId;
      });
      if (setAsDefault) await records.changed({ policyName });
      return { policyArn: records.arn(policyName), policyDocument, policyVersionId, isDefaultVersion: setAsDefault };
    },
    getPolicyVersion: async ({ policyName, policyVersionId }) => {
      const { value } = await records.policy(policyName);
      const version = await records.version(policyName, policyVersionId);
      return {
        policyName,
        policyArn: records.arn(policyName),
        policyDocument: version.document,
        policyVersionId,
        isDefaultVersion: policyVersionId === value.defaultVersionId,
        creationDate: new Date(version.createdMs),
        lastModifiedDate: new Date(version.createdMs),
        generationId: value.generationId,
      };
    },
    listPolicyVersions: async ({ policyName }) => {
      const { value } = await records.policy(policyName);
      const { items } = await records.versions.scan({ prefix: versionKey(policyName, '') });
      const policyVersions = items.map(({ key, value: version }) => {
        const versionId = key.slice(versionKey(policyName, '').length);
        const createDate = new Date(version.createdMs);
        return { versionId, isDefaultVersion: versionId === value.defaultVersionId, createDate };
      });
      return { policyVersions: policyVersions.sort((a, b) => Number(b.versionId) - Number(a.versionId)) };
    },
    deletePolicyVersion: async ({ policyName, policyVersionId }) => {
      await records.inTurn(`policy ${policyName}`, async () => {
        const { value, version } = await records.policy(policyName);
        requireVersion(policyName, value, policyVersionId);
        if (policyVersionId === value.defaultVersionId) {
          throw deleteConflict('Cannot delete the default version of a policy');
        }
        const versionIds = value.versionIds.filter((versionId) => versionId !== policyVersionId);
        await records.commit([
          records.policies.put(policyName, { ...value, versionIds }, { ifVersion: version }),
          records.versions.delete(versionKey(policyName, policyVersionId)),
        ]);
      });
      return {};
    },
    setDefaultPolicyVersion: async ({ policyName, policyVersionId }) => {
      await records.inTurn(`policy ${policyName}`, async () => {
        const { value, version } = await records.policy(policyName);
        requireVersion(policyName, value, policyVersionId);
        if (policyVersionId === value.defaultVersionId) return;
        const record = { ...value, defaultVersionId: policyVersionId, modifiedMs: clock.now() };
        await records.commit([records.policies.put(policyName, record, { ifVersion: version })]);
      });
      await records.changed({ policyName });
      return {};
    },
  };
}

function nextVersion(policyName: string, { versionIds, newestVersion }: PolicyRecord): string {
  if (versionIds.length >= MOST_VERSIONS) {
    throw new ServiceError(
      'VersionsLimitExceededException',
      `The policy ${policyName} already has the maximum number of versions (${MOST_VERSIONS})`,
    );
  }
  return String(newestVersion + 1);
}

function requireVersion(policyName: string, record: PolicyRecord, versionId: string): void {
  if (!record.versionIds.includes(versionId)) throw notFound(`The policy ${policyName} has no version ${versionId}`);
}
