/** What tests of domain configurations share: the operations on an empty store, and files of certificates in memory. */
import { generateKeyPairSync } from 'node:crypto';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { fakeFunctions } from './authorizer.fixture.ts';
import { AuthorizerRecords } from './authorizer-records.ts';
import { type DomainConfigurationOperations, domainConfigurationOperations } from './domain-configuration.ts';
import { DomainConfigurationRecords } from './domain-configuration-records.ts';
import { createDomains, ownNames } from './domains.ts';
import { memoryKeyFiles } from './key-files.ts';
import { openKeyMaterial } from './key-material.ts';
import { anonymous } from './principal.ts';
import { createServerCertificates } from './server-certificate.ts';
import { distinguishedName, keyIdentifier, makeCertificate, subjectAltName } from './x509.ts';

const place = { region: 'us-east-1', account: '000000000000' };
const context: RequestContext = { requestId: 'r', principal: anonymous, sourceIp: '::1', authorize: async () => {} };
const HOUR_MS = 3_600_000;

export async function domainWorld() {
  const clock = new VirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const random = seededRandom(12);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const keyMaterial = await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: ['iot.example'] });
  const tagged = new Map<string, unknown>();
  const tagsFor = (arn: string, tags: unknown) => {
    tagged.set(arn, tags);
    return [];
  };
  const records = new DomainConfigurationRecords({ store, place, host: 'iot.example', tagsFor });
  const authorizers = new AuthorizerRecords(store, place);
  const functions = fakeFunctions();
  const certificateFiles = memoryKeyFiles();
  const certificates = createServerCertificates({ certificateFiles, keyMaterial, clock });
  const isOwnName = ownNames(keyMaterial);
  const operations = domainConfigurationOperations({
    records,
    certificates,
    authorizers,
    functions,
    isOwnName,
    clock,
    random,
    place,
  });
  const call = <Name extends keyof DomainConfigurationOperations>(
    name: Name,
    input: Parameters<DomainConfigurationOperations[Name]>[0],
  ): ReturnType<DomainConfigurationOperations[Name]> =>
    (operations[name] as (i: object, c: RequestContext) => ReturnType<DomainConfigurationOperations[Name]>)(
      input,
      context,
    );
  const create = (domainConfigurationName: string, more: object = {}) =>
    call('createDomainConfiguration', { domainConfigurationName, ...more });
  const addAuthorizer = (name: string) =>
    authorizers.add(
      name,
      {
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:auth',
        status: 'ACTIVE',
        signingDisabled: true,
        enableCachingForHttp: false,
        tokenSigningPublicKeys: {},
        createdMs: 0,
        modifiedMs: 0,
      },
      [],
    );
  const domains = createDomains({
    records,
    certificates,
    functions,
    keyMaterial,
    wallClock: clock,
    random,
    log: silentLog,
  });
  return {
    clock,
    random,
    keyMaterial,
    tagged,
    functions,
    certificateFiles,
    call,
    create,
    addAuthorizer,
    domains,
    certificates,
  };
}

/** A self-signed certificate and its key, as an operator's files hold them. */
export function selfSigned(
  world: Pick<Awaited<ReturnType<typeof domainWorld>>, 'clock' | 'random'>,
  names: readonly string[],
  { use = 'server', hours = 1 }: { use?: 'server' | 'ca'; hours?: number } = {},
): { pem: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = distinguishedName({ commonName: names[0] });
  const certificate = makeCertificate(
    {
      subject: name,
      publicKey,
      notBeforeMs: world.clock.now() - 2 * HOUR_MS,
      notAfterMs: world.clock.now() + hours * HOUR_MS,
      use,
      subjectAltName: subjectAltName(names),
    },
    { name, privateKey, keyId: keyIdentifier(publicKey) },
    world.random,
  );
  return { pem: certificate.toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

export const CERTIFICATE_ARN = 'arn:aws:acm:us-east-1:000000000000:certificate/mine';
