/**
 * The names of the server at work (gateway-broker.md sections 2 to 4): which domain configuration a client meant by its
 * SNI, with what it needs to be served. The gateway asks for every TLS connection, so configurations are kept in memory
 * until one changes; the gateway in turn keeps a TLS context for each Domain object. Sending no name, or an address,
 * means the endpoint that is always there.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ApplicationProtocol, AuthenticationType, ServiceType } from '../api/generated/iot.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { certificateIdOf } from './certificate-intake.ts';
import type { CustomRequest } from './custom-request.ts';
import {
  DATA_ENDPOINT,
  type DomainConfigurationRecord,
  type DomainConfigurationRecords,
} from './domain-configuration-records.ts';
import type { KeyMaterial } from './key-material.ts';
import { type TlsSettings, tlsSettings } from './security-policy.ts';
import type { ServerCertificate, ServerCertificates } from './server-certificate.ts';

/** A name of the server as it is served now. Another object after any change, of its certificate too. */
export interface Domain {
  readonly configurationName: string;
  readonly isEnabled: boolean;
  /** What is served there; undefined for the server's own names: everything. */
  readonly serviceType?: ServiceType;
  readonly authenticationType: AuthenticationType;
  readonly applicationProtocol: ApplicationProtocol;
  readonly tls: TlsSettings;
  readonly certificate: ServerCertificate;
  readonly authorizerConfig?: NonNullable<CustomRequest['authorizerConfig']>;
  /** Asked about the certificate of every client before anything else. */
  readonly clientCertificateCallbackArn?: string;
}

/** What a client showed in the handshake. */
export interface ShownCertificates {
  readonly serverName?: string;
  /** DER, the client's own first; empty when it showed none. */
  readonly chain: readonly Buffer[];
}

export interface Domains {
  /** Undefined when the server has no such name. */
  find(serverName: string | undefined): Promise<Domain | undefined>;
  /** Asks the domain's function about the client's certificate: why it is refused, or undefined. Never rejects. */
  refusalOf(domain: Domain, shown: ShownCertificates): Promise<string | undefined>;
}

export interface DomainsDeps {
  readonly records: DomainConfigurationRecords;
  readonly certificates: ServerCertificates;
  readonly functions: FunctionPort;
  readonly keyMaterial: Pick<KeyMaterial, 'server'>;
  /** Real time: files of certificates are looked at again as it passes. */
  readonly wallClock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Kept {
  readonly domain: Domain;
  readonly checkedMs: number;
}

const LOOK_AGAIN_MS = 60_000;
const CALLBACK_TIMEOUT_MS = 5000;
const LONGEST_NAME = 253;

export function createDomains(deps: DomainsDeps): Domains {
  const { records, wallClock } = deps;
  const isOwnName = ownNames(deps.keyMaterial);
  let kept = new Map<string, Kept>();
  records.onChange(() => {
    kept = new Map();
  });

  async function load(name: string, former: Kept | undefined): Promise<Domain | undefined> {
    // What changes meanwhile empties the next map, never this one.
    const target = kept;
    const stored = name === '' ? await records.get(DATA_ENDPOINT) : await records.byDomainName(name);
    if (!stored) return undefined;
    const certificate = await certificateFor(deps, stored.value, former);
    // Whatever else changes empties the map, so beside a former one only the certificate can be new.
    const isSame = former !== undefined && same(former.domain.certificate, certificate);
    const domain = isSame ? former.domain : domainOf(stored.key, stored.value, certificate);
    target.set(name, { domain, checkedMs: wallClock.now() });
    return domain;
  }

  return {
    async find(serverName) {
      const name = isOurs(serverName, isOwnName) ? '' : (serverName as string).toLowerCase().replace(/\.$/, '');
      if (name.length > LONGEST_NAME) return undefined;
      const former = kept.get(name);
      if (former && (name === '' || wallClock.now() - former.checkedMs < LOOK_AGAIN_MS)) return former.domain;
      return load(name, former);
    },

    async refusalOf({ clientCertificateCallbackArn: callback }, { serverName, chain }) {
      if (callback === undefined) return undefined;
      if (chain.length === 0) return 'it showed no certificate';
      const event = {
        connectionMetadata: { id: deps.random.uuid() },
        principalId: certificateIdOf(chain[0]),
        ...(serverName !== undefined && { serverName }),
        clientCertificateChain: chain.map((der) => new X509Certificate(der).toString()),
      };
      try {
        const answer = await deps.functions.invoke(callback, event, { timeoutMs: CALLBACK_TIMEOUT_MS });
        const isAuthenticated =
          typeof answer === 'object' && answer !== null && !Array.isArray(answer)
            ? (answer as { readonly isAuthenticated?: unknown }).isAuthenticated
            : undefined;
        return isAuthenticated === true ? undefined : `${callback} does not let its certificate in`;
      } catch (error) {
        return `${callback} could not be asked about its certificate: ${messageOf(error)}`;
      }
    },
  };
}

/** Whether a name is in the certificate that the server has anyway. */
export function ownNames({ server }: Pick<KeyMaterial, 'server'>): (name: string) => boolean {
  const certificate = new X509Certificate(server.certPem);
  return (name) => certificate.checkHost(name) !== undefined;
}

function isOurs(serverName: string | undefined, isOwnName: (name: string) => boolean): boolean {
  return serverName === undefined || serverName === '' || isIP(serverName) !== 0 || isOwnName(serverName);
}

/** While files are broken, the last certificate that was good stays in use. */
async function certificateFor(
  { certificates, keyMaterial, log }: DomainsDeps,
  record: DomainConfigurationRecord,
  former: Kept | undefined,
): Promise<ServerCertificate> {
  if (record.domainType === 'ENDPOINT') return { cert: keyMaterial.server.certPem, key: keyMaterial.server.keyPem };
  try {
    return await certificates.load(record);
  } catch (error) {
    log.error({ domainName: record.domainName, cause: messageOf(error) }, 'a server certificate cannot be used');
    return former?.domain.certificate ?? certificates.load({ ...record, serverCertificateArns: [] });
  }
}

function domainOf(name: string, record: DomainConfigurationRecord, certificate: ServerCertificate): Domain {
  const tls = tlsSettings(record.securityPolicy);
  if (!tls) throw new Error(`the security policy ${record.securityPolicy} of ${name} is not known`);
  return {
    configurationName: name,
    isEnabled: record.status === 'ENABLED',
    ...(record.domainType !== 'ENDPOINT' && { serviceType: record.serviceType }),
    authenticationType: record.authenticationType,
    applicationProtocol: record.applicationProtocol,
    tls,
    certificate,
    ...(record.authorizerConfig && { authorizerConfig: record.authorizerConfig }),
    ...(record.clientCertificateCallbackArn !== undefined && {
      clientCertificateCallbackArn: record.clientCertificateCallbackArn,
    }),
  };
}

function same(one: ServerCertificate, other: ServerCertificate): boolean {
  return one.cert === other.cert && one.key === other.key;
}
