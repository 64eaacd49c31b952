/**
 * Provisioning: how devices get their identities, other than by an operator's hand (identity-registry-provisioning.md
 * sections 3 to 6). The door of this folder: templates, RegisterThing, fleet provisioning over MQTT, claims, just-in-time
 * provisioning, bulk registration. `platform.ts` creates it with the operations of identity and the registry, through which it
 * makes whatever a template says.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { DirectDelivery, MessageBus } from '../broker/message.ts';
import type { Store } from '../store/store.ts';
import { serveFleetProvisioning } from './fleet-provisioning.ts';
import { type CertificateIssuing, createIssuedCertificates } from './issued-certificate.ts';
import { createJustInTime, type JustInTime } from './just-in-time.ts';
import type { OpenObject } from './objects.ts';
import { type ClaimOperations, claimOperations } from './provisioning-claim.ts';
import type { InvokeFunction } from './provisioning-hook.ts';
import { type TemplateDeps, type TemplateOperations, templateOperations } from './provisioning-template.ts';
import { type TemplateVersionOperations, templateVersionOperations } from './provisioning-template-version.ts';
import { createRegister, planned, type ResourceOperations } from './register.ts';
import type { Reports } from './registration-report.ts';
import { createRegistrationTasks, type RegistrationTaskOperations } from './registration-task.ts';
import { TaskRecords } from './registration-task-record.ts';
import { serviceContext } from './service-context.ts';
import { readTemplate, templateArn, templateRecords } from './template-record.ts';

export type { JustInTime, RegistrationTemplate } from './just-in-time.ts';
export { type OpenObject, objectsBelow } from './objects.ts';
export type { InvokeFunction } from './provisioning-hook.ts';

export interface ProvisioningDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly place: Place;
  readonly bus: Pick<MessageBus, 'listen'> & DirectDelivery;
  /** The operations of identity and the registry. */
  readonly resources: ResourceOperations;
  readonly issuing: CertificateIssuing;
  /** Runs pre-provisioning hooks; absent: templates that have one provision nobody. */
  readonly invoke?: InvokeFunction;
  /** Absent: templates cannot have tags. */
  readonly tagsFor?: TemplateDeps['tagsFor'];
  /** Reads the input of bulk registration (`objectsBelow`); absent: its tasks fail. */
  readonly openObject?: OpenObject;
  /** Where clients reach this server, without a slash at the end; known once its doors are open. */
  readonly baseUrl: () => string;
}

export type ProvisioningOperations = TemplateOperations &
  TemplateVersionOperations &
  ClaimOperations &
  RegistrationTaskOperations &
  Pick<IotOperations, 'registerThing'>;

export interface Provisioning {
  readonly operations: ProvisioningOperations;
  /** For identity, when a certificate registers itself. */
  readonly justInTime: JustInTime;
  /** The gateway's requests for reports of bulk registration; false, and nothing done, for all others. */
  handleRequest: Reports['handleRequest'];
  /** Whether the ARN names a provisioning template, for tags. */
  exists(arn: string): Promise<boolean>;
  /** Goes on with what was under way before a restart. */
  start(): Promise<void>;
  /** Takes no more requests. */
  stop(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Declares the collections `provisioning_…` and `registration_task`, and listens to the reserved topics from now on. */
export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const { store, place, random, log, resources, tagsFor } = deps;
  const context = serviceContext(random, place.account);
  const records = templateRecords(store);
  const register = createRegister({ resources, log });
  const issued = createIssuedCertificates({ ...deps, operations: resources, context });
  const fleet = serveFleetProvisioning({ ...deps, records, issued, register, context });
  const templateDeps: TemplateDeps = { ...deps, records, ...(tagsFor && { tagsFor }) };
  const tasks = createRegistrationTasks({ ...deps, tasks: new TaskRecords(store), register, context });
  let stopExpiry = (): void => undefined;

  return {
    operations: {
      ...templateOperations(templateDeps),
      ...templateVersionOperations(templateDeps),
      ...claimOperations({ records, issued, place }),
      ...tasks.operations,
      async registerThing({ templateBody, parameters = {} }) {
        const plan = planned(readTemplate(templateBody), parameters);
        const { certificatePem, resourceArns } = await register(plan, context);
        return { certificatePem, resourceArns };
      },
    },
    justInTime: createJustInTime({ records, register, context }),
    handleRequest: (request, response) => tasks.reports.handleRequest(request, response),
    exists: async (arn) => {
      const head = templateArn(place, '');
      return arn.startsWith(head) && (await records.templates.get(arn.slice(head.length))) !== undefined;
    },
    async start() {
      stopExpiry = issued.start();
      await tasks.start();
    },
    stop() {
      stopExpiry();
      fleet.stop();
      tasks.stop();
    },
    idle: async () => {
      await fleet.idle();
      await tasks.idle();
    },
  };
}
