/** Provisioning templates and their versions as they are stored, and what every operation on them asks. */
import type { TemplateType } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest, notFound } from '../base/errors.ts';
import type { Collection, CollectionSpec, Store, Stored } from '../store/store.ts';
import { parseTemplate, type Template, TemplateError } from './template.ts';

/** Its key is the template's name. Times are milliseconds since the epoch. */
export interface TemplateRecord {
  readonly type: TemplateType;
  readonly enabled: boolean;
  readonly description?: string;
  readonly provisioningRoleArn: string;
  /** ARN of the function that is asked before a device is provisioned. */
  readonly hookArn?: string;
  readonly defaultVersionId: number;
  /** The versions there are, oldest first. */
  readonly versionIds: readonly number[];
  /** The highest number a version ever had. */
  readonly newestVersion: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** Its key is `versionKey`. */
export interface TemplateVersionRecord {
  readonly templateBody: string;
  readonly createdMs: number;
}

export interface TemplateRecords {
  readonly templates: Collection<TemplateRecord>;
  readonly versions: Collection<TemplateVersionRecord>;
  readonly store: Store;
}

const templateCollection: CollectionSpec<TemplateRecord> = { name: 'provisioning_template' };
const versionCollection: CollectionSpec<TemplateVersionRecord> = { name: 'provisioning_template_version' };

export function templateRecords(store: Store): TemplateRecords {
  return { templates: store.collection(templateCollection), versions: store.collection(versionCollection), store };
}

export function versionKey(templateName: string, versionId: number): string {
  return `${templateName}/${versionId}`;
}

export function templateArn(place: Place, templateName: string): string {
  return iotArn(place, `provisioningtemplate/${templateName}`);
}

/** The template, or ResourceNotFoundException. */
export async function requireTemplate(records: TemplateRecords, templateName: string): Promise<Stored<TemplateRecord>> {
  const stored = await records.templates.get(templateName);
  if (!stored) throw notFound(`The provisioning template ${templateName} does not exist`);
  return stored;
}

/** The version, or ResourceNotFoundException. */
export async function requireVersion(
  records: TemplateRecords,
  templateName: string,
  versionId: number,
): Promise<TemplateVersionRecord> {
  const stored = await records.versions.get(versionKey(templateName, versionId));
  if (!stored) throw notFound(`The provisioning template ${templateName} has no version ${versionId}`);
  return stored.value;
}

/** Throws InvalidRequestException, which says where in the template. */
export function readTemplate(templateBody: string): Template {
  try {
    return parseTemplate(templateBody);
  } catch (error) {
    if (error instanceof TemplateError) throw invalidRequest(`The template is not valid: ${error.message}`);
    throw error;
  }
}

/**
 * For templates that provision a certificate which is there already: of fleets, or registered just in time. The
 * certificate must be that one, so its resource names it.
 */
export function checkProvisioningBody(templateBody: string): void {
  const { certificate } = readTemplate(templateBody).resources;
  if (!certificate) throw invalidRequest('The template is not valid: Resources must have a certificate');
  if (certificate.properties.has('CertificateId')) return;
  throw invalidRequest(
    `The template is not valid: ${certificate.path}.Properties must have a CertificateId, {"Ref": "AWS::IoT::Certificate::Id"}`,
  );
}
