/**
 * What a certificate says of itself, under the names that policy variables use (`iot:Certificate.Subject.CommonName`;
 * policies.md section 5). Pure.
 */
import type { X509Certificate } from 'node:crypto';
import type { CertificateAttributes } from './policy-context.ts';

/** OpenSSL's names of the fields of a distinguished name. */
const NAME_FIELDS: Readonly<Record<string, string>> = {
  dnQualifier: 'DistinguishedNameQualifier',
  C: 'Country',
  O: 'Organization',
  OU: 'OrganizationalUnit',
  ST: 'State',
  CN: 'CommonName',
  serialNumber: 'SerialNumber',
  title: 'Title',
  SN: 'Surname',
  GN: 'GivenName',
  initials: 'Initials',
  pseudonym: 'Pseudonym',
  generationQualifier: 'GenerationQualifier',
};

/** OpenSSL's names of the kinds of an alternative name. */
const ALTERNATIVE_NAMES: Readonly<Record<string, string>> = {
  email: 'RFC822Name',
  DNS: 'DNSName',
  DirName: 'DirectoryName',
  URI: 'UniformResourceIdentifier',
  'IP Address': 'IPAddress',
};

/** `name:value` pairs separated by `, `; Node writes a value that contains separators as a JSON string. */
const ALTERNATIVE_NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;

export function certificateAttributes(certificate: X509Certificate): CertificateAttributes {
  const attributes = new Map<string, string[]>([['SerialNumber', [certificate.serialNumber]]]);
  const { subject, issuer } = certificate.toLegacyObject();
  addName(attributes, 'Subject', subject);
  addName(attributes, 'Issuer', issuer);
  for (const [, kind, value] of certificate.subjectAltName?.matchAll(ALTERNATIVE_NAME) ?? []) {
    const name = ALTERNATIVE_NAMES[kind];
    if (name) add(attributes, `Subject.AlternativeName.${name}`, value.startsWith('"') ? JSON.parse(value) : value);
  }
  return attributes;
}

function addName(attributes: Map<string, string[]>, of: 'Subject' | 'Issuer', name: object): void {
  for (const [field, value] of Object.entries(name) as [string, string | string[]][]) {
    const known = NAME_FIELDS[field];
    if (known) for (const one of [value].flat()) add(attributes, `${of}.${known}`, one);
  }
}

function add(attributes: Map<string, string[]>, name: string, value: string): void {
  attributes.set(name, [...(attributes.get(name) ?? []), value]);
}
