import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateAttributes } from './certificate-attributes.ts';
import { ecKeys } from './csr.fixture.ts';
import * as der from './der.ts';

/** DER of a distinguished name from OIDs (below 2.5.4) and values, also several of one kind. */
function name(...fields: [arc: number, value: string][]): Buffer {
  return der.sequence(
    ...fields.map(([arc, value]) => der.setOf(der.sequence(der.oid(`2.5.4.${arc}`), der.utf8String(value)))),
  );
}

function certificate(subject: Buffer, issuer: Buffer, alternativeNames: readonly Buffer[]): X509Certificate {
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'));
  const extension = der.sequence(der.oid('2.5.29.17'), der.octetString(der.sequence(...alternativeNames)));
  const contents = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(Buffer.of(0x0a, 0x1b)),
    algorithm,
    issuer,
    der.sequence(der.time(0), der.time(1000)),
    subject,
    ecKeys().publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(extension)),
  );
  return new X509Certificate(der.sequence(contents, algorithm, der.bitString(Buffer.alloc(8))));
}

test('every field of subject and issuer that policies know is found under its name', () => {
  const fields: [arc: number, name: string][] = [
    [46, 'DistinguishedNameQualifier'],
    [6, 'Country'],
    [10, 'Organization'],
    [11, 'OrganizationalUnit'],
    [8, 'State'],
    [3, 'CommonName'],
    [5, 'SerialNumber'],
    [12, 'Title'],
    [4, 'Surname'],
    [42, 'GivenName'],
    [43, 'Initials'],
    [65, 'Pseudonym'],
    [44, 'GenerationQualifier'],
  ];
  const subject = name(...fields.map(([arc]): [number, string] => [arc, `s${arc}`]), [7, 'a locality is no variable']);
  const issuer = name(...fields.map(([arc]): [number, string] => [arc, `i${arc}`]));
  const attributes = certificateAttributes(certificate(subject, issuer, []));
  const expected = fields.flatMap(([arc, field]) => [
    [`Subject.${field}`, [`s${arc}`]],
    [`Issuer.${field}`, [`i${arc}`]],
  ]);
  assert.deepEqual(Object.fromEntries(attributes), { ...Object.fromEntries(expected), SerialNumber: ['0A1B'] });
});

test('several values of one field keep their order, and any text its characters', () => {
  const subject = name([11, 'one'], [11, 'two, "three"\n+'], [3, '温室, ü/x=1']);
  const attributes = certificateAttributes(certificate(subject, name([3, 'ca']), []));
  assert.deepEqual(attributes.get('Subject.OrganizationalUnit'), ['one', 'two, "three"\n+']);
  assert.deepEqual(attributes.get('Subject.CommonName'), ['温室, ü/x=1']);
});

test('alternative names are found by kind, and a name cannot pretend to be another', () => {
  const text = (n: number, value: string): Buffer => der.implicit(n, Buffer.from(value, 'latin1'));
  const names = [
    text(1, 'device@example.com'),
    text(2, 'lamp.example'),
    text(2, 'x, DNS:admin.example'),
    text(2, 'quote" \\ slash'),
    text(6, 'urn:lamp:1'),
    der.implicit(7, Buffer.of(192, 0, 2, 1)),
    der.explicit(4, name([10, 'Example'], [3, 'lamp, DNS:admin.example'])),
  ];
  const attributes = certificateAttributes(certificate(name([3, 'lamp']), name([3, 'ca']), names));
  assert.deepEqual(attributes.get('Subject.AlternativeName.RFC822Name'), ['device@example.com']);
  assert.deepEqual(attributes.get('Subject.AlternativeName.DNSName'), [
    'lamp.example',
    'x, DNS:admin.example',
    'quote" \\ slash',
  ]);
  assert.deepEqual(attributes.get('Subject.AlternativeName.UniformResourceIdentifier'), ['urn:lamp:1']);
  assert.deepEqual(attributes.get('Subject.AlternativeName.IPAddress'), ['192.0.2.1']);
  assert.equal(attributes.get('Subject.AlternativeName.DirectoryName')?.length, 1);
});
