/** The versions of provisioning templates: five at most, one of them in force (identity-registry-provisioning.md section 4). */
import type { IotOperations } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { deleteConflict, ServiceError } from '../base/errors.ts';
import { retryConflicts } from '../store/retry.ts';
import type { TemplateDeps } from './provisioning-template.ts';
import {
  checkProvisioningBody,
  requireTemplate,
  requireVersion,
  type TemplateRecord,
  templateArn,
  versionKey,
} from './template-record.ts';

export type TemplateVersionOperations = Pick<
  IotOperations,
  | 'createProvisioningTemplateVersion'
  | 'describeProvisioningTemplateVersion'
  | 'listProvisioningTemplateVersions'
  | 'deleteProvisioningTemplateVersion'
>;

const MOST_VERSIONS = 5;

export function templateVersionOperations({ records, clock, place }: TemplateDeps): TemplateVersionOperations {
  const { templates, versions, store } = records;
  return {
    createProvisioningTemplateVersion: ({ templateName, templateBody, setAsDefault = false }) =>
      retryConflicts(async () => {
        checkProvisioningBody(templateBody);
        const { value, version } = await requireTemplate(records, templateName);
        if (value.versionIds.length >= MOST_VERSIONS) {
          throw new ServiceError(
            'VersionsLimitExceededException',
            `The provisioning template ${templateName} already has the maximum number of versions (${MOST_VERSIONS})`,
          );
        }
        const versionId = value.newestVersion + 1;
        const updated: TemplateRecord = {
          ...value,
          versionIds: [...value.versionIds, versionId],
          newestVersion: versionId,
          ...(setAsDefault && { defaultVersionId: versionId }),
          modifiedMs: clock.now(),
        };
        await store.commit([
          templates.put(templateName, updated, { ifVersion: version }),
          versions.put(versionKey(templateName, versionId), { templateBody, createdMs: clock.now() }),
        ]);
        return {
          templateArn: templateArn(place, templateName),
          templateName,
          versionId,
          isDefaultVersion: setAsDefault,
        };
      }),

    async describeProvisioningTemplateVersion({ templateName, versionId }) {
      const { value } = await requireTemplate(records, templateName);
      const { templateBody, createdMs } = await requireVersion(records, templateName, versionId);
      const isDefaultVersion = value.defaultVersionId === versionId;
      return { versionId, creationDate: new Date(createdMs), templateBody, isDefaultVersion };
    },

    async listProvisioningTemplateVersions({ templateName, ...input }) {
      const { value } = await requireTemplate(records, templateName);
      const list = `ListProvisioningTemplateVersions ${templateName}`;
      const { after, limit } = pageRange(list, input);
      const rest = value.versionIds.filter((versionId) => versionId > Number(after ?? 0));
      const page = rest.slice(0, limit);
      const found = await Promise.all(page.map((versionId) => versions.get(versionKey(templateName, versionId))));
      const next = rest.length > page.length ? { next: String(page.at(-1)) } : {};
      return {
        versions: page.map((versionId, index) => ({
          versionId,
          creationDate: new Date(found[index]?.value.createdMs ?? value.createdMs),
          isDefaultVersion: versionId === value.defaultVersionId,
        })),
        nextToken: pageToken(list, next),
      };
    },

    deleteProvisioningTemplateVersion: ({ templateName, versionId }) =>
      retryConflicts(async () => {
        const { value, version } = await requireTemplate(records, templateName);
        await requireVersion(records, templateName, versionId);
        if (value.defaultVersionId === versionId) {
          throw deleteConflict(`Cannot delete the default version of the provisioning template ${templateName}`);
        }
        const versionIds = value.versionIds.filter((id) => id !== versionId);
        await store.commit([
          templates.put(templateName, { ...value, versionIds, modifiedMs: clock.now() }, { ifVersion: version }),
          versions.delete(versionKey(templateName, versionId)),
        ]);
        return {};
      }),
  };
}
