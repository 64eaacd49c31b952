/**
 * Provisioning templates: creating, describing, changing, listing and deleting them (identity-registry-provisioning.md
 * section 4). A template has versions (`provisioning-template-version.ts`), of which one is in force.
 */
import type { IotOperations, ProvisioningHook, Tag } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, limitExceeded } from '../base/errors.ts';
import { retryConflicts } from '../store/retry.ts';
import { VersionMismatch, type Write } from '../store/store.ts';
import {
  checkProvisioningBody,
  requireTemplate,
  requireVersion,
  type TemplateRecord,
  type TemplateRecords,
  templateArn,
  versionKey,
} from './template-record.ts';

export interface TemplateDeps {
  readonly records: TemplateRecords;
  readonly clock: Clock;
  readonly place: Place;
  /** Writes that give a resource its first tags or, without tags, take all from it; absent: tags are refused. */
  readonly tagsFor?: (arn: string, tags: readonly Tag[] | undefined) => readonly Write[];
}

export type TemplateOperations = Pick<
  IotOperations,
  | 'createProvisioningTemplate'
  | 'describeProvisioningTemplate'
  | 'updateProvisioningTemplate'
  | 'deleteProvisioningTemplate'
  | 'listProvisioningTemplates'
>;

const MOST_TEMPLATES = 256;
const FIRST_VERSION = 1;
/** The one form of a hook's event. */
const PAYLOAD_VERSION = '2020-04-01';

export function templateOperations({ records, clock, place, tagsFor }: TemplateDeps): TemplateOperations {
  const { templates, versions, store } = records;

  function tagWrites(templateName: string, tags: readonly Tag[] | undefined): readonly Write[] {
    if (tagsFor) return tagsFor(templateArn(place, templateName), tags);
    if (tags && tags.length > 0) throw invalidRequest('Provisioning templates cannot have tags on this platform yet');
    return [];
  }

  return {
    async createProvisioningTemplate(input) {
      const { templateName, templateBody, description, preProvisioningHook, enabled = false } = input;
      checkProvisioningBody(templateBody);
      const record: TemplateRecord = {
        type: input.type ?? 'FLEET_PROVISIONING',
        enabled,
        ...(description !== undefined && { description }),
        provisioningRoleArn: input.provisioningRoleArn,
        ...(preProvisioningHook && { hookArn: hookArn(preProvisioningHook) }),
        defaultVersionId: FIRST_VERSION,
        versionIds: [FIRST_VERSION],
        newestVersion: FIRST_VERSION,
        createdMs: clock.now(),
        modifiedMs: clock.now(),
      };
      if ((await templates.count()) >= MOST_TEMPLATES) {
        throw limitExceeded(`There can be at most ${MOST_TEMPLATES} provisioning templates`);
      }
      const version = { templateBody, createdMs: record.createdMs };
      try {
        await store.commit([
          templates.put(templateName, record, { ifVersion: 0 }),
          versions.put(versionKey(templateName, FIRST_VERSION), version),
          ...tagWrites(templateName, input.tags),
        ]);
      } catch (error) {
        if (!(error instanceof VersionMismatch)) throw error;
        throw alreadyExists(`The provisioning template ${templateName} already exists`, {
          resourceId: templateName,
          resourceArn: templateArn(place, templateName),
        });
      }
      return { templateArn: templateArn(place, templateName), templateName, defaultVersionId: FIRST_VERSION };
    },

    async describeProvisioningTemplate({ templateName }) {
      const { value } = await requireTemplate(records, templateName);
      const { templateBody } = await requireVersion(records, templateName, value.defaultVersionId);
      return {
        ...summary(templateName, value, place),
        defaultVersionId: value.defaultVersionId,
        templateBody,
        provisioningRoleArn: value.provisioningRoleArn,
        ...(value.hookArn !== undefined && {
          preProvisioningHook: { payloadVersion: PAYLOAD_VERSION, targetArn: value.hookArn },
        }),
      };
    },

    updateProvisioningTemplate: (input) =>
      retryConflicts(async () => {
        const { templateName, description, enabled, provisioningRoleArn, defaultVersionId } = input;
        if (input.removePreProvisioningHook && input.preProvisioningHook) {
          throw invalidRequest('preProvisioningHook cannot be given when removePreProvisioningHook is true');
        }
        const stored = await requireTemplate(records, templateName);
        if (defaultVersionId !== undefined) await requireVersion(records, templateName, defaultVersionId);
        const { hookArn: oldHook, ...rest } = stored.value;
        const hook = input.preProvisioningHook ? hookArn(input.preProvisioningHook) : oldHook;
        const updated: TemplateRecord = {
          ...rest,
          ...(description !== undefined && { description }),
          ...(enabled !== undefined && { enabled }),
          ...(provisioningRoleArn !== undefined && { provisioningRoleArn }),
          ...(defaultVersionId !== undefined && { defaultVersionId }),
          ...(hook !== undefined && !input.removePreProvisioningHook && { hookArn: hook }),
          modifiedMs: clock.now(),
        };
        await store.commit([templates.put(templateName, updated, { ifVersion: stored.version })]);
        return {};
      }),

    /** With all its versions. */
    deleteProvisioningTemplate: ({ templateName }) =>
      retryConflicts(async () => {
        const { value, version } = await requireTemplate(records, templateName);
        await store.commit([
          templates.delete(templateName, { ifVersion: version }),
          ...value.versionIds.map((versionId) => versions.delete(versionKey(templateName, versionId))),
          ...tagWrites(templateName, undefined),
        ]);
        return {};
      }),

    async listProvisioningTemplates(input) {
      const page = await templates.scan(pageRange('ListProvisioningTemplates', input));
      return {
        templates: page.items.map(({ key, value }) => summary(key, value, place)),
        nextToken: pageToken('ListProvisioningTemplates', page),
      };
    },
  };
}

function summary(templateName: string, record: TemplateRecord, place: Place) {
  return {
    templateArn: templateArn(place, templateName),
    templateName,
    description: record.description,
    creationDate: new Date(record.createdMs),
    lastModifiedDate: new Date(record.modifiedMs),
    enabled: record.enabled,
    type: record.type,
  };
}

function hookArn({ targetArn, payloadVersion = PAYLOAD_VERSION }: ProvisioningHook): string {
  if (payloadVersion !== PAYLOAD_VERSION) throw invalidRequest(`payloadVersion must be ${PAYLOAD_VERSION}`);
  if (targetArn === '') throw invalidRequest('targetArn must name a function');
  return targetArn;
}
