/**
 * Certificate providers: a function of the user's that signs certificate requests in place of our device CA. Operations
 * for the API, and `signCsr` for fleet provisioning, whose CreateCertificateFromCsr goes to the provider while there is
 * one; the API's own CreateCertificateFromCsr does not. The door makes it once.
 */
import type { CertificateProviderOperation, IotOperations, Tag } from '../api/generated/iot.ts';
import { pageRange } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, limitExceeded, messageOf, notFound, ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { CollectionSpec, Store, Stored, Write } from '../store/store.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { readCertificate } from './certificate-intake.ts';
import { readCertificateRequest } from './csr.ts';

export interface CertificateProvidersDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly place: Place;
  readonly log: Log;
  readonly functions: FunctionPort;
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
}

/** Who asks for a certificate. */
export interface CsrOrigin {
  /** PEM. */
  readonly certificateSigningRequest: string;
  readonly principalId: string;
  readonly clientId: string;
}

export type CertificateProviderOperations = Pick<
  IotOperations,
  | 'createCertificateProvider'
  | 'updateCertificateProvider'
  | 'describeCertificateProvider'
  | 'listCertificateProviders'
  | 'deleteCertificateProvider'
>;

export interface CertificateProviders {
  readonly operations: CertificateProviderOperations;
  /** Whether the ARN names a provider. */
  exists(arn: string): Promise<boolean>;
  /**
   * The certificate (PEM, not registered yet) that the account's provider made of a request, or undefined when there is
   * no provider and we sign ourselves. Throws InvalidRequestException for a bad request, and when the provider fails or
   * gives no certificate of the request's key.
   */
  signCsr(origin: CsrOrigin): Promise<string | undefined>;
}

/** Its key is the provider's name. */
interface ProviderRecord {
  readonly functionArn: string;
  readonly operations: readonly CertificateProviderOperation[];
  readonly clientToken?: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const providers: CollectionSpec<ProviderRecord> = { name: 'certificate_provider' };

/** Each is the default of its operations, and there is one operation. */
const MOST_PROVIDERS = 1;
const FUNCTION_TIMEOUT_MS = 5000;

export function createCertificateProviders(deps: CertificateProvidersDeps): CertificateProviders {
  const { store, clock, functions } = deps;
  const records = store.collection(providers);
  const turns = new Turns();
  const arnHead = iotArn(deps.place, 'certificateprovider/');
  const arnOf = (name: string): string => `${arnHead}${name}`;
  const nameOf = (name: string) => ({ certificateProviderName: name, certificateProviderArn: arnOf(name) });

  const existing = async (name: string): Promise<Stored<ProviderRecord>> => {
    const stored = await records.get(name);
    if (!stored) throw notFound(`The certificate provider ${name} does not exist`);
    return stored;
  };
  const checkFunction = (arn: string): void => {
    if (!functions.accepts(arn)) throw invalidRequest('lambdaFunctionArn is not the ARN of a function');
  };

  const operations: CertificateProviderOperations = {
    createCertificateProvider: ({ certificateProviderName: name, lambdaFunctionArn, clientToken, ...input }) =>
      turns.run('create', async () => {
        checkFunction(lambdaFunctionArn);
        const former = await records.get(name);
        if (former && clientToken !== undefined && former.value.clientToken === clientToken) return nameOf(name);
        if (former) {
          throw alreadyExists(`Certificate provider already exists (name=${name})`, {
            resourceId: name,
            resourceArn: arnOf(name),
          });
        }
        if ((await records.count()) >= MOST_PROVIDERS)
          throw limitExceeded(`There can be no more than ${MOST_PROVIDERS} certificate provider`);
        const record: ProviderRecord = {
          functionArn: lambdaFunctionArn,
          operations: input.accountDefaultForOperations,
          ...(clientToken !== undefined && { clientToken }),
          createdMs: clock.now(),
          modifiedMs: clock.now(),
        };
        await store.commit([records.put(name, record, { ifVersion: 0 }), ...deps.tagsFor(arnOf(name), input.tags)]);
        return nameOf(name);
      }),

    updateCertificateProvider: async ({ certificateProviderName: name, lambdaFunctionArn, ...input }) => {
      if (lambdaFunctionArn !== undefined) checkFunction(lambdaFunctionArn);
      return retryConflicts(async () => {
        const { value, version } = await existing(name);
        const record: ProviderRecord = {
          ...value,
          functionArn: lambdaFunctionArn ?? value.functionArn,
          operations: input.accountDefaultForOperations ?? value.operations,
          modifiedMs: clock.now(),
        };
        await store.commit([records.put(name, record, { ifVersion: version })]);
        return nameOf(name);
      });
    },

    describeCertificateProvider: async ({ certificateProviderName: name }) => {
      const { value } = await existing(name);
      return {
        ...nameOf(name),
        lambdaFunctionArn: value.functionArn,
        accountDefaultForOperations: value.operations,
        creationDate: new Date(value.createdMs),
        lastModifiedDate: new Date(value.modifiedMs),
      };
    },

    /** All come on one page. */
    listCertificateProviders: async ({ ascendingOrder = false, ...input }) => {
      pageRange('ListCertificateProviders', input);
      const { items } = await records.scan({ descending: !ascendingOrder });
      return { certificateProviders: items.map(({ key }) => nameOf(key)) };
    },

    deleteCertificateProvider: async ({ certificateProviderName: name }) => {
      await retryConflicts(async () => {
        const { version } = await existing(name);
        await store.commit([records.delete(name, { ifVersion: version }), ...deps.tagsFor(arnOf(name), undefined)]);
      });
      return {};
    },
  };

  return {
    operations,
    exists: async (arn) => arn.startsWith(arnHead) && (await records.get(arn.slice(arnHead.length))) !== undefined,
    async signCsr(origin) {
      const { items } = await records.scan();
      const provider = items.find(({ value }) => value.operations.includes('CreateCertificateFromCsr'));
      return provider && signBy(deps, provider, origin);
    },
  };
}

async function signBy(
  { functions, log }: CertificateProvidersDeps,
  { key: name, value }: Stored<ProviderRecord>,
  { certificateSigningRequest, principalId, clientId }: CsrOrigin,
): Promise<string> {
  const { publicKey } = readCertificateRequest(certificateSigningRequest);
  const fail = (reason: string): ServiceError => {
    log.warn({ certificateProvider: name, clientId, reason }, 'a certificate provider made no certificate');
    return new ServiceError('InvalidRequestException', 'The certificate provider made no certificate of the request', {
      detail: reason,
    });
  };
  let answer: unknown;
  try {
    const event = { certificateSigningRequest, principalId, clientId };
    answer = await functions.invoke(value.functionArn, event, { timeoutMs: FUNCTION_TIMEOUT_MS });
  } catch (error) {
    throw fail(messageOf(error));
  }
  const pem = (answer as { readonly certificatePem?: unknown } | null)?.certificatePem;
  if (typeof pem !== 'string') throw fail('its function returned no certificatePem');
  try {
    const certificate = readCertificate(pem);
    if (certificate.publicKey.equals(publicKey)) return certificate.toString();
  } catch (error) {
    throw fail(messageOf(error));
  }
  throw fail('the certificate is not for the key of the request');
}
