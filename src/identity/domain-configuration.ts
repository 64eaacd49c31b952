/**
 * Domain configurations over the API (gateway-broker.md section 4): names of the server besides its own, each with its
 * certificate, TLS policy and rules about who may come in how. The door calls `domainConfigurationOperations` once;
 * `domains.ts` puts the configurations to use. What cannot be enforced is refused, never just stored.
 */
import type {
  CreateDomainConfigurationRequest,
  DescribeDomainConfigurationResponse,
  IotOperations,
  UpdateDomainConfigurationRequest,
} from '../api/generated/iot.ts';
import { makeToken, pageRange } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, limitExceeded, messageOf, notFound, ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Stored } from '../store/store.ts';
import type { FunctionPort } from './authorizer-check.ts';
import type { AuthorizerRecords } from './authorizer-records.ts';
import type { DomainConfigurationRecord, DomainConfigurationRecords } from './domain-configuration-records.ts';
import { DEFAULT_SECURITY_POLICY, securityPolicies, tlsSettings } from './security-policy.ts';
import type { ServerCertificates } from './server-certificate.ts';

export interface DomainConfigurationsDeps {
  readonly records: DomainConfigurationRecords;
  readonly certificates: ServerCertificates;
  readonly authorizers: Pick<AuthorizerRecords, 'get'>;
  readonly functions: Pick<FunctionPort, 'accepts'>;
  /** Whether the server has this name anyway. */
  readonly isOwnName: (domainName: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
}

export type DomainConfigurationOperations = Pick<
  IotOperations,
  | 'createDomainConfiguration'
  | 'updateDomainConfiguration'
  | 'describeDomainConfiguration'
  | 'listDomainConfigurations'
  | 'deleteDomainConfiguration'
>;

const MOST_CONFIGURATIONS = 10;
const DEFAULT_PAGE_SIZE = 25;
/** How long an AWS-managed domain must have been disabled before it can be deleted. */
const DISABLED_BEFORE_DELETION_MS = 7 * 86_400_000;

/** What each type of authentication may be combined with. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  DEFAULT: ['DEFAULT'],
  AWS_X509: ['SECURE_MQTT', 'HTTPS'],
  AWS_SIGV4: ['MQTT_WSS', 'HTTPS'],
  CUSTOM_AUTH: ['SECURE_MQTT', 'MQTT_WSS', 'HTTPS'],
  CUSTOM_AUTH_X509: ['SECURE_MQTT', 'HTTPS'],
};

export function domainConfigurationOperations(deps: DomainConfigurationsDeps): DomainConfigurationOperations {
  const { records, clock } = deps;
  return {
    createDomainConfiguration: async (input) => {
      const { domainConfigurationName: name } = input;
      const record = newRecord(deps, input);
      await checkRecord(deps, record);
      await checkCertificate(deps, record);
      await records.create(name, record, input.tags, () => checkRoom(deps, name, record));
      return { domainConfigurationName: name, domainConfigurationArn: records.arn(name, record) };
    },

    updateDomainConfiguration: async (input) => {
      const { domainConfigurationName: name } = input;
      refuseOcsp(input.serverCertificateConfig);
      return retryConflicts(async () => {
        const { value, version } = await existing(records, name);
        const record = changed(value, input, clock.now());
        await checkRecord(deps, record);
        await records.replace(name, record, version);
        return { domainConfigurationName: name, domainConfigurationArn: records.arn(name, record) };
      });
    },

    describeDomainConfiguration: async ({ domainConfigurationName }) =>
      describe(deps, await existing(records, domainConfigurationName)),

    listDomainConfigurations: async ({ serviceType, ...input }) => {
      const list = `ListDomainConfigurations ${serviceType}`;
      const { limit, after } = pageRange(list, input, DEFAULT_PAGE_SIZE);
      const all = (await records.all()).filter(({ value }) => !serviceType || value.serviceType === serviceType);
      const start = after === undefined ? 0 : all.findIndex(({ key }) => key === after) + 1;
      const page = all.slice(start, start + limit);
      const last = page.at(-1);
      return {
        domainConfigurations: page.map(({ key, value }) => ({
          domainConfigurationName: key,
          domainConfigurationArn: records.arn(key, value),
          serviceType: value.serviceType,
        })),
        ...(last && start + limit < all.length && { nextMarker: makeToken(list, last.key) }),
      };
    },

    deleteDomainConfiguration: async ({ domainConfigurationName }) => {
      await retryConflicts(async () => {
        const stored = await existing(records, domainConfigurationName);
        checkDeletion(stored.value, clock.now());
        await records.remove(stored);
      });
      return {};
    },
  };
}

function newRecord(deps: DomainConfigurationsDeps, input: CreateDomainConfigurationRequest): DomainConfigurationRecord {
  refuseOcsp(input.serverCertificateConfig);
  const serverCertificateArns = input.serverCertificateArns ?? [];
  if (input.domainName === undefined && serverCertificateArns.length > 0)
    throw invalidRequest('serverCertificateArns need a domainName');
  if (input.validationCertificateArn !== undefined && serverCertificateArns.length === 0)
    throw invalidRequest('validationCertificateArn needs serverCertificateArns');
  const callback = input.clientCertificateConfig?.clientCertificateCallbackArn;
  return {
    arnSuffix: letters(deps.random, 5),
    ...(input.domainName === undefined
      ? { domainName: `${letters(deps.random, 20)}.iot.${deps.place.region}.amazonaws.com`, domainType: 'AWS_MANAGED' }
      : { domainName: hostName(deps, input.domainName), domainType: 'CUSTOMER_MANAGED' }),
    serviceType: input.serviceType ?? 'DATA',
    status: 'ENABLED',
    statusChangedMs: deps.clock.now(),
    serverCertificateArns,
    securityPolicy: input.tlsConfig?.securityPolicy ?? DEFAULT_SECURITY_POLICY,
    authenticationType: input.authenticationType ?? 'DEFAULT',
    applicationProtocol: input.applicationProtocol ?? 'DEFAULT',
    ...(isGiven(input.authorizerConfig) && { authorizerConfig: input.authorizerConfig }),
    ...(callback && { clientCertificateCallbackArn: callback }),
  };
}

function changed(
  record: DomainConfigurationRecord,
  input: UpdateDomainConfigurationRequest,
  nowMs: number,
): DomainConfigurationRecord {
  const { removeAuthorizerConfig = false, domainConfigurationStatus: status = record.status } = input;
  if (removeAuthorizerConfig && isGiven(input.authorizerConfig))
    throw invalidRequest('authorizerConfig cannot be given and removed at once');
  const { authorizerConfig: formerConfig, clientCertificateCallbackArn: formerCallback, ...rest } = record;
  const authorizerConfig = removeAuthorizerConfig ? undefined : (input.authorizerConfig ?? formerConfig);
  const { clientCertificateConfig } = input;
  const callback = clientCertificateConfig ? clientCertificateConfig.clientCertificateCallbackArn : formerCallback;
  return {
    ...rest,
    status,
    statusChangedMs: status === record.status ? record.statusChangedMs : nowMs,
    securityPolicy: input.tlsConfig?.securityPolicy ?? record.securityPolicy,
    authenticationType: input.authenticationType ?? record.authenticationType,
    applicationProtocol: input.applicationProtocol ?? record.applicationProtocol,
    ...(isGiven(authorizerConfig) && { authorizerConfig }),
    ...(callback && { clientCertificateCallbackArn: callback }),
  };
}

/** What must be true of a configuration whenever it is stored. Throws InvalidRequestException. */
async function checkRecord(deps: DomainConfigurationsDeps, record: DomainConfigurationRecord): Promise<void> {
  const { authenticationType, applicationProtocol, authorizerConfig, clientCertificateCallbackArn } = record;
  if (!tlsSettings(record.securityPolicy))
    throw invalidRequest(`securityPolicy must be one of ${securityPolicies().join(', ')}`);
  const protocols = PROTOCOLS[authenticationType];
  if (!protocols.includes(applicationProtocol))
    throw invalidRequest(
      `authenticationType ${authenticationType} goes with applicationProtocol ${protocols.join(', ')}`,
    );
  if (record.domainType === 'ENDPOINT' && record.status === 'DISABLED')
    throw invalidRequest('The endpoints that are always there cannot be disabled');
  if (record.serviceType !== 'DATA' && (applicationProtocol === 'SECURE_MQTT' || applicationProtocol === 'MQTT_WSS'))
    throw invalidRequest(`The service type ${record.serviceType} has no MQTT`);
  const authorizer = authorizerConfig?.defaultAuthorizerName;
  if (authorizer !== undefined && authorizerConfig?.allowAuthorizerOverride === undefined)
    throw invalidRequest('allowAuthorizerOverride is needed where there is a defaultAuthorizerName');
  if (authorizer !== undefined && !(await deps.authorizers.get(authorizer)))
    throw invalidRequest(`The authorizer ${authorizer} does not exist`);
  if (authenticationType === 'CUSTOM_AUTH_X509' && authorizer === undefined)
    throw invalidRequest('authenticationType CUSTOM_AUTH_X509 needs a defaultAuthorizerName');
  if (clientCertificateCallbackArn === undefined) return;
  if (authenticationType !== 'AWS_X509' && authenticationType !== 'CUSTOM_AUTH_X509')
    throw invalidRequest('clientCertificateConfig needs authenticationType AWS_X509 or CUSTOM_AUTH_X509');
  if (!deps.functions.accepts(clientCertificateCallbackArn))
    throw invalidRequest('clientCertificateCallbackArn is not the ARN of a function');
}

/** Throws CertificateValidationException with what is wrong with the certificate. */
async function checkCertificate(
  { certificates }: DomainConfigurationsDeps,
  record: DomainConfigurationRecord,
): Promise<void> {
  try {
    await certificates.load(record);
  } catch (error) {
    throw new ServiceError(
      'CertificateValidationException',
      `The server certificate is not valid: ${messageOf(error)}`,
    );
  }
}

async function checkRoom(
  { records }: DomainConfigurationsDeps,
  name: string,
  { domainName }: DomainConfigurationRecord,
): Promise<void> {
  const former = await records.get(name);
  if (former) throw exists(`Domain configuration already exists (name=${name})`, records, former);
  const other = await records.byDomainName(domainName);
  if (other)
    throw exists(`There is a domain configuration for ${domainName} already (name=${other.key})`, records, other);
  const made = (await records.all()).filter(({ value }) => value.domainType !== 'ENDPOINT');
  if (made.length >= MOST_CONFIGURATIONS)
    throw limitExceeded(`There can be no more than ${MOST_CONFIGURATIONS} domain configurations`);
}

function checkDeletion({ status, domainType, statusChangedMs }: DomainConfigurationRecord, nowMs: number): void {
  if (domainType === 'ENDPOINT') throw invalidRequest('The endpoints that are always there cannot be deleted');
  if (status !== 'DISABLED') throw invalidRequest('A domain configuration must be DISABLED before it can be deleted');
  if (domainType === 'AWS_MANAGED' && nowMs - statusChangedMs < DISABLED_BEFORE_DELETION_MS)
    throw invalidRequest('An AWS-managed domain must have been disabled for seven days before it can be deleted');
}

async function describe(
  { records, certificates }: DomainConfigurationsDeps,
  { key, value }: Stored<DomainConfigurationRecord>,
): Promise<DescribeDomainConfigurationResponse> {
  const problem = value.serverCertificateArns.length === 0 ? undefined : await certificates.problemOf(value);
  return {
    domainConfigurationName: key,
    domainConfigurationArn: records.arn(key, value),
    domainName: value.domainName,
    domainType: value.domainType,
    domainConfigurationStatus: value.status,
    serviceType: value.serviceType,
    serverCertificates: value.serverCertificateArns.map((serverCertificateArn) => ({
      serverCertificateArn,
      serverCertificateStatus: problem === undefined ? 'VALID' : 'INVALID',
      ...(problem !== undefined && { serverCertificateStatusDetail: problem }),
    })),
    ...(value.authorizerConfig && { authorizerConfig: value.authorizerConfig }),
    ...(value.statusChangedMs > 0 && { lastStatusChangeDate: new Date(value.statusChangedMs) }),
    tlsConfig: { securityPolicy: value.securityPolicy },
    serverCertificateConfig: { enableOCSPCheck: false },
    authenticationType: value.authenticationType,
    applicationProtocol: value.applicationProtocol,
    ...(value.clientCertificateCallbackArn !== undefined && {
      clientCertificateConfig: { clientCertificateCallbackArn: value.clientCertificateCallbackArn },
    }),
  };
}

/** In lower case, as it is looked up. Throws InvalidRequestException for what is no host name, or is ours already. */
function hostName({ isOwnName }: DomainConfigurationsDeps, text: string): string {
  const name = text.toLowerCase();
  const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
  const labels = name.split('.');
  const isNumeric = /^\d+$/.test(labels.at(-1) ?? '');
  if (labels.length < 2 || isNumeric || !labels.every((one) => label.test(one)))
    throw invalidRequest(`domainName must be a fully qualified domain name, not ${text}`);
  if (isOwnName(name)) throw invalidRequest(`${name} is served by the endpoints that are always there`);
  return name;
}

function refuseOcsp(config: CreateDomainConfigurationRequest['serverCertificateConfig']): void {
  const { enableOCSPCheck = false, ocspLambdaArn, ocspAuthorizedResponderArn } = config ?? {};
  if (enableOCSPCheck || ocspLambdaArn !== undefined || ocspAuthorizedResponderArn !== undefined)
    throw invalidRequest('OCSP stapling of server certificates is not available here');
}

function isGiven(config: DomainConfigurationRecord['authorizerConfig']): boolean {
  return config?.defaultAuthorizerName !== undefined || config?.allowAuthorizerOverride !== undefined;
}

async function existing(records: DomainConfigurationRecords, name: string): Promise<Stored<DomainConfigurationRecord>> {
  const stored = await records.get(name);
  if (!stored) throw notFound(`The domain configuration ${name} does not exist`);
  return stored;
}

function exists(
  message: string,
  records: DomainConfigurationRecords,
  { key, value }: Stored<DomainConfigurationRecord>,
): ServiceError {
  return alreadyExists(message, { resourceId: key, resourceArn: records.arn(key, value) });
}

/** Lower-case letters and digits. */
function letters(random: Random, count: number): string {
  return [...random.bytes(count)].map((byte) => (byte % 36).toString(36)).join('');
}
