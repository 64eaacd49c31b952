/**
 * Named policies: creating, reading, listing and deleting them, and `createPolicies`, which joins the operations on
 * policies, versions and attachments (policies.md section 7). The door calls it once.
 *
 * A policy that anything is attached to is never deleted. Its deletion is announced in the record first and the targets
 * are looked for after that; whoever attaches looks for the announcement after attaching. So one of the two always
 * sees the other, without a lock and on any number of nodes.
 */
import type { IotOperations, Tag } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, deleteConflict } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type Store, type Stored, VersionMismatch, type Write } from '../store/store.ts';
import { attachmentOperations, type PolicyAttachmentOperations, type TargetDeps } from './policy-attachment.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { type PolicyRecord, PolicyRecords, versionKey } from './policy-records.ts';
import { type PolicyVersionOperations, versionOperations } from './policy-version.ts';

export interface PoliciesDeps extends TargetDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  /** The writes that give the policy of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(policyArn: string, tags: readonly Tag[] | undefined): readonly Write[];
}

export type PolicyOperations = PolicyVersionOperations &
  PolicyAttachmentOperations &
  Pick<IotOperations, 'createPolicy' | 'getPolicy' | 'listPolicies' | 'deletePolicy'>;

export interface Policies {
  readonly operations: PolicyOperations;
  /** What the policy authority takes policies from. */
  readonly records: PolicyRecords;
  /** What certificates and thing groups need to know of policies. */
  readonly attachments: {
    hasPolicies(target: string): Promise<boolean>;
    /** Writes that take every policy off the target, for the commit that deletes it. */
    detachAll(target: string): Promise<readonly Write[]>;
  };
}

const DEFAULT_PAGE_SIZE = 25;
const FIRST_VERSION = '1';

export function createPolicies(deps: PoliciesDeps): Policies {
  const records = new PolicyRecords(deps.store, deps.place);
  return {
    operations: {
      ...policyOperations(deps, records),
      ...versionOperations(deps, records),
      ...attachmentOperations(deps, records),
    },
    records,
    attachments: {
      hasPolicies: (target) => records.hasPolicies(target),
      detachAll: async (target) => [records.targets.delete(target)],
    },
  };
}

function policyOperations(
  { clock, random, tagsFor }: PoliciesDeps,
  records: PolicyRecords,
): Pick<IotOperations, 'createPolicy' | 'getPolicy' | 'listPolicies' | 'deletePolicy'> {
  return {
    createPolicy: async ({ policyName, policyDocument, tags }) => {
      parsePolicyDocument(policyDocument);
      const nowMs = clock.now();
      const record: PolicyRecord = {
        generationId: random.uuid(),
        defaultVersionId: FIRST_VERSION,
        versionIds: [FIRST_VERSION],
        newestVersion: Number(FIRST_VERSION),
        createdMs: nowMs,
        modifiedMs: nowMs,
      };
      const version = { document: policyDocument, createdMs: nowMs };
      try {
        await records.commit([
          records.policies.put(policyName, record, { ifVersion: 0 }),
          records.versions.put(versionKey(policyName, FIRST_VERSION), version),
          ...tagsFor(records.arn(policyName), tags),
        ]);
      } catch (error) {
        if (!(error instanceof VersionMismatch)) throw error;
        throw alreadyExists(`Policy cannot be created - name already exists (name=${policyName})`, {
          resourceId: policyName,
          resourceArn: records.arn(policyName),
        });
      }
      return { policyName, policyArn: records.arn(policyName), policyDocument, policyVersionId: FIRST_VERSION };
    },
    getPolicy: async ({ policyName }) => {
      const { value } = await records.policy(policyName);
      const version = await records.version(policyName, value.defaultVersionId);
      return {
        policyName,
        policyArn: records.arn(policyName),
        policyDocument: version.document,
        defaultVersionId: value.defaultVersionId,
        creationDate: new Date(value.createdMs),
        lastModifiedDate: new Date(value.modifiedMs),
        generationId: value.generationId,
      };
    },
    listPolicies: async ({ ascendingOrder = false, ...input }) => {
      const list = `ListPolicies ${ascendingOrder}`;
      const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
      const page = await records.policies.findPrefix('created', '', range);
      return {
        policies: page.items.map(({ key }) => ({ policyName: key, policyArn: records.arn(key) })),
        nextMarker: pageToken(list, page),
      };
    },
    deletePolicy: async ({ policyName }) => {
      await records.inTurn(`policy ${policyName}`, async () => {
        const policy = await records.policy(policyName);
        await refuseDeletion(policyName, policy.value, records);
        await deleteAnnounced(policyName, policy, records, tagsFor(records.arn(policyName), undefined));
      });
      return {};
    },
  };
}

async function refuseDeletion(policyName: string, record: PolicyRecord, records: PolicyRecords): Promise<void> {
  if (await records.hasTargets(policyName)) throw attachedConflict(policyName);
  if (record.versionIds.length > 1) {
    throw deleteConflict(
      `Cannot delete the policy because it has one or more policy versions attached to it (name=${policyName})`,
    );
  }
}

/** Announces the deletion, then looks again whether anything was attached meanwhile, then deletes with the writes in `more`. */
async function deleteAnnounced(
  policyName: string,
  { value, version }: Stored<PolicyRecord>,
  records: PolicyRecords,
  more: readonly Write[],
): Promise<void> {
  await records.commit([records.policies.put(policyName, { ...value, isDeleting: true }, { ifVersion: version })]);
  const ifVersion = version + 1;
  if (await records.hasTargets(policyName)) {
    await records.commit([records.policies.put(policyName, { ...value, isDeleting: false }, { ifVersion })]);
    throw attachedConflict(policyName);
  }
  await records.commit([
    records.policies.delete(policyName, { ifVersion }),
    ...value.versionIds.map((versionId) => records.versions.delete(versionKey(policyName, versionId))),
    ...more,
  ]);
}

function attachedConflict(policyName: string) {
  return deleteConflict(
    `The policy cannot be deleted as the policy is attached to one or more principals (name=${policyName})`,
  );
}
