/**
 * Carries out what a template plans: certificate, thing, policies, their attachments, and the certificate's status last
 * (identity-registry-provisioning.md sections 5 and 6). All or nothing: what was made or changed is undone when a later
 * step fails. Every way of provisioning ends here; whether it is allowed has been decided before.
 *
 * Works through the operations of the other domains, whose input nobody validates again: plans hold only what the model
 * allows. Registrations of one thing follow one another.
 */
import { hash } from 'node:crypto';
import type { IotOperations } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Turns } from '../base/turns.ts';
import { conflict, isCode, placeThing, type ThingOperations, type Work as ThingWork } from './register-thing.ts';
import {
  type CertificatePlan,
  type PolicyPlan,
  type ProvisioningPlan,
  planOf,
  type Template,
  TemplateError,
} from './template.ts';
import { Undo } from './undo.ts';

type Needed =
  | 'attachThingPrincipal'
  | 'detachThingPrincipal'
  | 'listPrincipalThings'
  | 'createCertificateFromCsr'
  | 'registerCertificate'
  | 'describeCertificate'
  | 'updateCertificate'
  | 'deleteCertificate'
  | 'createPolicy'
  | 'getPolicy'
  | 'deletePolicy'
  | 'attachPolicy'
  | 'detachPolicy'
  | 'listAttachedPolicies';

/** What registrations do to the other domains. */
export type ResourceOperations = ThingOperations & Pick<IotOperations, Needed>;

export interface RegisterDeps {
  readonly resources: ResourceOperations;
  readonly log: Log;
}

export interface Registered {
  readonly thingName?: string;
  readonly certificatePem?: string;
  /** By logical name. */
  readonly resourceArns: Readonly<Record<string, string>>;
  readonly deviceConfiguration: Readonly<Record<string, string>>;
}

/**
 * Makes what is planned. Rejects with ConflictingResourceUpdateException when something is there that may not be
 * changed or is being changed by others, with ResourceRegistrationFailureException for all else that does not fit.
 */
export type Register = (plan: ProvisioningPlan, context: RequestContext) => Promise<Registered>;

type Work = ThingWork & RegisterDeps;

interface Certificate {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  readonly status: string;
  /** Made just now, or waiting to be provisioned. */
  readonly isNew: boolean;
}

/** The plan of a template with these parameters. Throws ResourceRegistrationFailureException, which says where it fails. */
export function planned(template: Template, parameters: Readonly<Record<string, string>>): ProvisioningPlan {
  try {
    return planOf(template, parameters);
  } catch (error) {
    if (error instanceof TemplateError) throw registrationFailure(error.message);
    throw error;
  }
}

export function registrationFailure(message: string): ServiceError {
  return new ServiceError('ResourceRegistrationFailureException', message);
}

export function createRegister(deps: RegisterDeps): Register {
  const turns = new Turns();
  return (plan, context) => {
    const work = async (): Promise<Registered> => {
      const undo = new Undo(deps.log);
      try {
        return await carryOut(plan, { ...deps, context, undo });
      } catch (error) {
        await undo.run();
        throw asRegistrationError(error);
      }
    };
    return plan.thing ? turns.run(plan.thing.thingName, work) : work();
  };
}

async function carryOut(plan: ProvisioningPlan, work: Work): Promise<Registered> {
  const resourceArns: Record<string, string> = {};
  const certificate = plan.certificate && (await placeCertificate(plan.certificate, work));
  if (plan.certificate && certificate) resourceArns[plan.certificate.logicalName] = certificate.certificateArn;
  if (plan.thing) {
    const thing = await placeThing(plan.thing, work);
    resourceArns[plan.thing.logicalName] = thing.thingArn;
    if (certificate) await attachThing(plan.thing.thingName, certificate, work);
  }
  for (const policy of certificate ? plan.policies : []) {
    resourceArns[policy.logicalName] = await attachPolicy(policy, certificate as Certificate, work);
  }
  if (plan.certificate && certificate) await setStatus(plan.certificate, certificate, work);
  return {
    ...(plan.thing && { thingName: plan.thing.thingName }),
    ...(certificate && { certificatePem: certificate.certificatePem }),
    resourceArns,
    deviceConfiguration: plan.deviceConfiguration,
  };
}

async function placeCertificate(plan: CertificatePlan, work: Work): Promise<Certificate> {
  const { source } = plan;
  if (source.kind === 'id') return existingCertificate(source.certificateId, plan, work);
  const { resources, context } = work;
  if (source.kind === 'csr') {
    const { certificateSigningRequest } = source;
    const made = await resources.createCertificateFromCsr({ certificateSigningRequest }, context);
    return newCertificate(made, made.certificatePem as string, work);
  }
  const { kind: _, ...pems } = source;
  try {
    const made = await resources.registerCertificate({ ...pems, status: 'INACTIVE' }, context);
    return newCertificate(made, pems.certificatePem, work);
  } catch (error) {
    if (!isCode(error, 'ResourceAlreadyExistsException')) throw error;
    return existingCertificate(String(error.fields.resourceId), plan, work);
  }
}

function newCertificate(
  made: { readonly certificateId?: string; readonly certificateArn?: string },
  certificatePem: string,
  { resources, context, undo }: Work,
): Certificate {
  const { certificateId, certificateArn } = made as { certificateId: string; certificateArn: string };
  undo.add(`the certificate ${certificateId} was not deleted`, () =>
    resources.deleteCertificate({ certificateId, forceDelete: true }, context),
  );
  return { certificateId, certificateArn, certificatePem, status: 'INACTIVE', isNew: true };
}

async function existingCertificate(
  certificateId: string,
  { override }: CertificatePlan,
  { resources, context }: Work,
): Promise<Certificate> {
  const { certificateDescription } = await resources.describeCertificate({ certificateId }, context);
  const { certificateArn, certificatePem, status } = certificateDescription as Record<string, string>;
  const isNew = status === 'PENDING_ACTIVATION';
  if (!isNew && override === 'FAIL') {
    throw conflict(`The certificate ${certificateId} exists, and the template's OverrideSettings.Status is FAIL`);
  }
  return { certificateId, certificateArn, certificatePem, status, isNew };
}

async function attachThing(thingName: string, certificate: Certificate, work: Work): Promise<void> {
  const { resources, context, undo } = work;
  const attachment = { thingName, principal: certificate.certificateArn };
  const { things = [], nextToken } = await resources.listPrincipalThings(
    { principal: certificate.certificateArn },
    context,
  );
  await resources.attachThingPrincipal(attachment, context);
  // With more things than one page lists, it may have been attached before, and then must stay so.
  if (things.includes(thingName) || nextToken !== undefined) return;
  undo.add(`the certificate is still attached to the thing ${thingName}`, () =>
    resources.detachThingPrincipal(attachment, context),
  );
}

/** Returns the policy's ARN. */
async function attachPolicy(plan: PolicyPlan, { certificateArn: target }: Certificate, work: Work): Promise<string> {
  const { resources, context, undo } = work;
  const policyName = 'policyName' in plan ? plan.policyName : documentName(plan.policyDocument);
  const { policies = [] } = await resources.listAttachedPolicies({ target }, context);
  const attached = policies.find((policy) => policy.policyName === policyName);
  if (attached) return attached.policyArn as string;
  const policyArn =
    'policyName' in plan ? await arnOf(policyName) : await ensurePolicy(policyName, plan.policyDocument, work);
  await resources.attachPolicy({ policyName, target }, context);
  undo.add(`the policy ${policyName} is still attached`, () => resources.detachPolicy({ policyName, target }, context));
  return policyArn;

  async function arnOf(name: string): Promise<string> {
    return (await resources.getPolicy({ policyName: name }, context)).policyArn as string;
  }
}

/** The same document makes the same policy, which all its certificates share (section 5). */
function documentName(policyDocument: string): string {
  return hash('sha256', policyDocument, 'hex');
}

/** Returns the policy's ARN. It is not undone: others may have found it meanwhile and be about to attach it. */
async function ensurePolicy(policyName: string, policyDocument: string, { resources, context }: Work): Promise<string> {
  try {
    return (await resources.getPolicy({ policyName }, context)).policyArn as string;
  } catch (error) {
    if (!isCode(error, 'ResourceNotFoundException')) throw error;
  }
  try {
    return (await resources.createPolicy({ policyName, policyDocument }, context)).policyArn as string;
  } catch (error) {
    if (!isCode(error, 'ResourceAlreadyExistsException')) throw error;
    return String(error.fields.resourceArn);
  }
}

/** The last step: from here on the certificate works. */
async function setStatus(plan: CertificatePlan, certificate: Certificate, { resources, context }: Work): Promise<void> {
  const isKept = !certificate.isNew && plan.override === 'DO_NOTHING';
  if (isKept || certificate.status === plan.status) return;
  await resources.updateCertificate({ certificateId: certificate.certificateId, newStatus: plan.status }, context);
}

/** Codes of the other domains that mean: somebody else is at it. */
const CONFLICTS = ['ResourceAlreadyExistsException', 'VersionConflictException', 'ConflictException'];
/** What says nothing of the template or the device. */
const PASSED_ON = ['ThrottlingException', 'ServiceUnavailableException', 'InternalFailureException'];

function asRegistrationError(error: unknown): unknown {
  if (!(error instanceof ServiceError) || PASSED_ON.includes(error.code)) return error;
  if (error.code === 'ConflictingResourceUpdateException') return error;
  const code = CONFLICTS.includes(error.code)
    ? 'ConflictingResourceUpdateException'
    : 'ResourceRegistrationFailureException';
  return new ServiceError(code, error.message, { cause: error });
}
