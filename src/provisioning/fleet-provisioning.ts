/**
 * Fleet provisioning over MQTT (identity-registry-provisioning.md section 4): a device that has a claim asks for a
 * certificate, and with its ownership token to be provisioned by a template. Answers go to the device that asked and to
 * nobody else. The broker calls the listeners within the publisher's turn, so they only start the work and never throw.
 */
import type { JsonValue } from '../api/json.ts';
import type { RequestContext } from '../api/operation.ts';
import type { Place } from '../base/arn.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { DirectDelivery, Message, MessageBus } from '../broker/message.ts';
import { type Format, isFormat, readPayload, writePayload } from './fleet-payload.ts';
import { accessDenied, Rejection, rejectionOf } from './fleet-rejection.ts';
import type { IssuedCertificates } from './issued-certificate.ts';
import { askHook, type InvokeFunction } from './provisioning-hook.ts';
import { planned, type Register } from './register.ts';
import { CERTIFICATE_ID, PSEUDO_PARAMETERS } from './template.ts';
import { readTemplate, requireTemplate, requireVersion, type TemplateRecords, templateArn } from './template-record.ts';

export interface FleetProvisioningDeps {
  readonly bus: Pick<MessageBus, 'listen'> & DirectDelivery;
  readonly records: TemplateRecords;
  readonly issued: IssuedCertificates;
  readonly register: Register;
  /** Runs pre-provisioning hooks; absent: templates that have one provision nobody. */
  readonly invoke?: InvokeFunction;
  readonly context: RequestContext;
  readonly place: Place;
  readonly log: Log;
}

export interface FleetProvisioning {
  /** Hears no more requests. */
  stop(): void;
  /** Resolves when every request heard has been answered. */
  idle(): Promise<void>;
}

/** A client that publishes, which is all that can be answered. */
interface Requester {
  readonly clientId: string;
  readonly principal: string;
}

type Request = Readonly<Record<string, JsonValue>>;
type Answer = Readonly<Record<string, JsonValue>>;
type Serve = (request: Request, requester: Requester, topic: string) => Promise<Answer>;

/** Requests under way: of one client, and of all. What comes beyond is rejected at once. */
const MOST_OF_CLIENT = 8;
const MOST_AT_ONCE = 256;

export function serveFleetProvisioning(deps: FleetProvisioningDeps): FleetProvisioning {
  const { bus, issued, log } = deps;
  const underWay = new Set<Promise<void>>();
  const perClient = new Map<string, number>();

  const services: Readonly<Record<string, Serve>> = {
    '$aws/certificates/create/+': async (_request, { principal }) => ({ ...(await issued.pendingWithKeys(principal)) }),
    '$aws/certificates/create-from-csr/+': async ({ certificateSigningRequest: csr }, { principal, clientId }) => {
      if (typeof csr !== 'string' || csr === '') {
        throw new Rejection(400, 'InvalidPayload', 'certificateSigningRequest must be a text');
      }
      return { ...(await pendingFromCsr(deps, csr, { principalId: principal, clientId })) };
    },
    '$aws/provisioning-templates/+/provision/+': (request, requester, topic) =>
      provision(deps, topic.split('/')[2], request, requester),
  };

  function hear(serve: Serve, message: Message): void {
    const { publisher, topic, isWill } = message;
    const format = topic.slice(topic.lastIndexOf('/') + 1);
    // The vendor's service does not act on a message that a dead client left behind.
    if (isWill || !isFormat(format)) return;
    if (publisher?.clientId === undefined) {
      log.debug({ topic }, 'a provisioning request has nobody to answer');
      return;
    }
    const requester = { clientId: publisher.clientId, principal: publisher.principal };
    const work = answer(serve, message, requester, format).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** Never rejects. */
  async function answer(
    serve: Serve,
    { topic, payload }: Message,
    requester: Requester,
    format: Format,
  ): Promise<void> {
    const { clientId } = requester;
    const waiting = perClient.get(clientId) ?? 0;
    try {
      if (waiting >= MOST_OF_CLIENT || underWay.size >= MOST_AT_ONCE) {
        throw new Rejection(429, 'Throttled', 'Too many requests');
      }
      perClient.set(clientId, waiting + 1);
      try {
        const accepted = await serve(readPayload(payload, format), requester, topic);
        await deliver(clientId, `${topic}/accepted`, accepted, format);
      } finally {
        leave(clientId);
      }
    } catch (error) {
      await reject(error, clientId, topic, format);
    }
  }

  function leave(clientId: string): void {
    const left = (perClient.get(clientId) ?? 1) - 1;
    if (left === 0) perClient.delete(clientId);
    else perClient.set(clientId, left);
  }

  async function reject(error: unknown, clientId: string, topic: string, format: Format): Promise<void> {
    const rejection = rejectionOf(error);
    const { statusCode, errorCode, message: errorMessage } = rejection;
    if (statusCode >= 500) log.error({ err: error, clientId, topic }, 'provisioning failed');
    else log.info({ clientId, topic, errorCode, errorMessage, detail: rejection.detail }, 'provisioning was refused');
    try {
      await deliver(clientId, `${topic}/rejected`, { statusCode, errorCode, errorMessage }, format);
    } catch (failure) {
      log.error({ err: failure, clientId, topic }, 'a rejection was not delivered');
    }
  }

  async function deliver(clientId: string, topic: string, body: Answer, format: Format): Promise<void> {
    const isSubscribed = await bus.deliverTo(clientId, { topic, payload: writePayload(body, format), qos: 1 });
    if (!isSubscribed)
      log.info({ clientId, topic }, 'a provisioning answer went nowhere: its client is not subscribed');
  }

  const stops = Object.entries(services).map(([filter, serve]) =>
    bus.listen(filter, (message) => hear(serve, message)),
  );
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function pendingFromCsr(
  { issued }: FleetProvisioningDeps,
  csr: string,
  requester: { readonly principalId: string; readonly clientId: string },
) {
  try {
    return await issued.pendingFromCsr(csr, requester);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'InvalidRequestException') throw error;
    throw new Rejection(400, 'InvalidCertificateSigningRequest', error.message);
  }
}

/** RegisterThing as a device asks for it. Whatever fails, the token can be used again. */
async function provision(
  deps: FleetProvisioningDeps,
  templateName: string,
  request: Request,
  requester: Requester,
): Promise<Answer> {
  const { certificateOwnershipToken: token } = request;
  if (typeof token !== 'string' || token === '') {
    throw invalidToken('Certificate ownership token cannot be empty.');
  }
  const parameters = parametersOf(request.parameters);
  const template = await templateInForce(deps, templateName);
  const answer = await deps.issued.redeem(token, requester.principal, async (certificate) => {
    const overrides =
      template.hookArn === undefined
        ? {}
        : await askHook(deps, template.hookArn, {
            claimCertificateId: requester.principal,
            ...certificate,
            templateArn: templateArn(deps.place, templateName),
            clientId: requester.clientId,
            parameters,
          });
    const values = withoutPseudo({ ...parameters, ...overrides });
    const plan = planned(template.template, { ...values, [CERTIFICATE_ID]: certificate.certificateId });
    const { source } = plan.certificate ?? {};
    if (source?.kind !== 'id' || source.certificateId !== certificate.certificateId) {
      throw accessDenied('The template is for another certificate than the one of the token');
    }
    return deps.register(plan, deps.context);
  });
  if (!answer) throw invalidToken('Certificate ownership token is invalid or has expired.');
  const { deviceConfiguration, thingName } = answer;
  return { deviceConfiguration, ...(thingName !== undefined && { thingName }) };
}

async function templateInForce({ records }: FleetProvisioningDeps, templateName: string) {
  const { value } = await requireTemplate(records, templateName);
  if (value.type !== 'FLEET_PROVISIONING') throw accessDenied(`${templateName} is of the type ${value.type}`);
  if (!value.enabled) throw accessDenied(`${templateName} is not enabled`);
  const { templateBody } = await requireVersion(records, templateName, value.defaultVersionId);
  return { template: readTemplate(templateBody), hookArn: value.hookArn };
}

function parametersOf(json: JsonValue | undefined): Readonly<Record<string, string>> {
  if (json === undefined || json === null) return {};
  const isMap = typeof json === 'object' && !Array.isArray(json);
  if (isMap && Object.values(json).every((value) => typeof value === 'string')) return json as Record<string, string>;
  throw new Rejection(400, 'InvalidParameters', 'parameters must be an object of texts');
}

/** What comes from the certificate cannot come from a device, or it could name somebody else's. */
function withoutPseudo(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !PSEUDO_PARAMETERS.includes(name)));
}

function invalidToken(message: string): Rejection {
  return new Rejection(400, 'InvalidCertificateOwnershipToken', message);
}
