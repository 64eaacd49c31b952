/**
 * What a CA's `registrationConfig` says, and what running it takes: with one, certificates that register themselves are
 * provisioned at once (JITP, identity-registry-provisioning.md section 3.2). Stored with the CA by `ca-certificate.ts`, run by
 * `auto-registration.ts`; the domain of provisioning implements the port.
 */
import type { RegistrationConfig } from '../api/generated/iot.ts';
import { invalidRequest } from '../base/errors.ts';

/** A template written out, with the role whose rights it uses; or the name of one of type JITP, which has a role itself. */
export type RegistrationTemplate =
  | { readonly templateBody: string; readonly roleArn: string }
  | { readonly templateName: string };

export interface CertificateToProvision {
  readonly certificateId: string;
  readonly certificatePem: string;
}

/** Implemented by the domain of provisioning. */
export interface Provisioning {
  /** Throws InvalidRequestException or ResourceNotFoundException for a template that cannot be run. */
  checkTemplate(template: RegistrationTemplate): Promise<void>;
  /**
   * Runs the template for a certificate that is PENDING_ACTIVATION, with parameters taken from it, and sets its status.
   * Called again when the device comes back before the certificate is active, so it must be able to go on from any
   * half. Rejects when it fails: the certificate then stays PENDING_ACTIVATION.
   */
  provision(
    certificate: CertificateToProvision,
    caCertificateId: string,
    template: RegistrationTemplate,
  ): Promise<void>;
}

/** Throws InvalidRequestException for anything but a name, or a body and a role. */
export function registrationTemplate(config: RegistrationConfig): RegistrationTemplate {
  const { templateBody, templateName, roleArn } = config;
  if (templateName !== undefined) {
    if (templateBody !== undefined || roleArn !== undefined) {
      throw invalidRequest('registrationConfig must have either templateName, or templateBody and roleArn');
    }
    return { templateName };
  }
  if (templateBody === undefined || roleArn === undefined) {
    throw invalidRequest('registrationConfig must have templateName, or templateBody and roleArn');
  }
  if (!isJsonObject(templateBody)) throw invalidRequest('The templateBody of registrationConfig is not a JSON object');
  return { templateBody, roleArn };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
