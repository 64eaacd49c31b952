/**
 * Just-in-time provisioning (identity-registry-provisioning.md section 3.2): runs a CA certificate's template for a device
 * certificate that registered itself, with parameters from its subject. Called by identity, when such a certificate is shown.
 */
import { X509Certificate } from 'node:crypto';
import type { RequestContext } from '../api/operation.ts';
import { invalidRequest } from '../base/errors.ts';
import { planned, type Register, registrationFailure } from './register.ts';
import { CERTIFICATE_ID, PSEUDO_PARAMETERS } from './template.ts';
import {
  checkProvisioningBody,
  readTemplate,
  requireTemplate,
  requireVersion,
  type TemplateRecords,
} from './template-record.ts';

export interface JustInTimeDeps {
  readonly records: TemplateRecords;
  readonly register: Register;
  readonly context: RequestContext;
}

/** What a CA's `registrationConfig` says: a template written out, or the name of one of type JITP. */
export type RegistrationTemplate =
  | { readonly templateBody: string; readonly roleArn: string }
  | { readonly templateName: string };

export interface JustInTime {
  /** Throws InvalidRequestException or ResourceNotFoundException for a template that cannot be run. */
  checkTemplate(template: RegistrationTemplate): Promise<void>;
  /**
   * Runs the template for a certificate that is PENDING_ACTIVATION and sets its status. May be called again after a
   * failure. Rejects when it fails: the certificate then stays PENDING_ACTIVATION.
   */
  provision(
    certificate: { readonly certificateId: string; readonly certificatePem: string },
    caCertificateId: string,
    template: RegistrationTemplate,
  ): Promise<void>;
}

/** OpenSSL's names of the subject's fields. */
const SUBJECT_FIELDS: Readonly<Record<string, string>> = {
  C: 'Country',
  O: 'Organization',
  OU: 'OrganizationalUnit',
  dnQualifier: 'DistinguishedNameQualifier',
  ST: 'StateName',
  CN: 'CommonName',
  serialNumber: 'SerialNumber',
};

export function createJustInTime({ records, register, context }: JustInTimeDeps): JustInTime {
  /** The text of the template, which must be of type JITP if it has a name. */
  async function bodyOf(template: RegistrationTemplate, mustBeEnabled: boolean): Promise<string> {
    if ('templateBody' in template) return template.templateBody;
    const { templateName } = template;
    const { value } = await requireTemplate(records, templateName);
    if (value.type !== 'JITP') {
      throw invalidRequest(`The provisioning template ${templateName} is not of the type JITP`);
    }
    if (mustBeEnabled && !value.enabled) {
      throw invalidRequest(`The provisioning template ${templateName} is not enabled`);
    }
    return (await requireVersion(records, templateName, value.defaultVersionId)).templateBody;
  }

  return {
    async checkTemplate(template) {
      checkProvisioningBody(await bodyOf(template, false));
    },

    async provision({ certificateId, certificatePem }, _caCertificateId, registration) {
      const template = readTemplate(await bodyOf(registration, true));
      const parameters = { ...subjectParameters(certificatePem), [CERTIFICATE_ID]: certificateId };
      const missing = [...template.parameters.keys()].find(
        (name) => PSEUDO_PARAMETERS.includes(name) && !Object.hasOwn(parameters, name),
      );
      if (missing !== undefined) throw registrationFailure(`The certificate has nothing for the parameter ${missing}`);
      const plan = planned(template, parameters);
      const { source } = plan.certificate ?? {};
      if (source?.kind !== 'id' || source.certificateId !== certificateId) {
        throw registrationFailure('The template is for another certificate than the one that was shown');
      }
      await register(plan, context);
    },
  };
}

/** A field that comes several times counts with its first value. */
export function subjectParameters(certificatePem: string): Readonly<Record<string, string>> {
  const { subject } = new X509Certificate(certificatePem).toLegacyObject();
  const fields = Object.entries(subject) as [string, string | string[]][];
  const known = fields.filter(([field]) => Object.hasOwn(SUBJECT_FIELDS, field));
  return Object.fromEntries(
    known.map(([field, value]) => [`AWS::IoT::Certificate::${SUBJECT_FIELDS[field]}`, [value].flat()[0]]),
  );
}
