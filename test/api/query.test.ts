/** The front of IAM and STS on the wire: XML, errors, what is refused, and that nothing sent breaks it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { escapeXml, xmlElement } from '../../src/api/xml.ts';
import { signV4 } from '../../src/identity/sigv4-sign.ts';
import { type RunningServer, startServer } from '../../src/server.ts';

let server: RunningServer;
before(async () => {
  server = await startServer({ ephemeral: true, httpPort: 0, tlsPort: 0, mqttsPort: 0, logLevel: 'silent' });
});
after(() => server.stop());

async function post(body: string, { service = 'sts', region = 'us-east-1', secret = '' } = {}) {
  const { http } = server.endpoints;
  const headers = { host: new URL(http).host, 'content-type': 'application/x-www-form-urlencoded' };
  const credentials = { ...server.credentials, ...(secret && { secretAccessKey: secret }) };
  const signature = signV4(
    { method: 'POST', rawPath: '/', rawQuery: '', headers: Object.entries(headers), body: Buffer.from(body) },
    credentials,
    { region, service, nowMs: Date.now() },
  );
  const response = await fetch(`${http}/`, { method: 'POST', headers: { ...headers, ...signature }, body });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const whoAmI = 'Action=GetCallerIdentity&Version=2011-06-15';

test('answers are XML of the service’s form', async () => {
  const { status, type, text } = await post(whoAmI);
  assert.deepEqual([status, type], [200, 'text/xml']);
  assert.match(
    text,
    /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><UserId>AIDA[A-Z2-7]{16}<\/UserId><Account>000000000000<\/Account><Arn>arn:aws:iam::000000000000:user\/admin<\/Arn><\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>$/,
  );
});

const refusals: readonly (readonly [string, string, Parameters<typeof post>[1], number, string])[] = [
  ['a wrong secret', whoAmI, { secret: 'x' }, 403, 'SignatureDoesNotMatch'],
  ['another region', whoAmI, { region: 'mars-1' }, 403, 'SignatureDoesNotMatch'],
  ['an operation of the other service', whoAmI, { service: 'iam' }, 400, 'InvalidAction'],
  ['an operation there is not', 'Action=GetSessionToken&Version=2011-06-15', {}, 400, 'InvalidAction'],
  ['a name of every object', 'Action=constructor&Version=2011-06-15', {}, 400, 'InvalidAction'],
  ['no version', 'Action=GetCallerIdentity', {}, 400, 'InvalidAction'],
  ['a parameter that is not known', `${whoAmI}&Tags.member.1.Key=a`, {}, 400, 'ValidationError'],
  ['a parameter twice', `${whoAmI}&Action=GetCallerIdentity`, {}, 400, 'ValidationError'],
  ['a bad name', 'Action=GetUser&Version=2010-05-08&UserName=a%2Fb', { service: 'iam' }, 400, 'ValidationError'],
  ['nobody', 'Action=GetUser&Version=2010-05-08&UserName=b', { service: 'iam' }, 404, 'NoSuchEntity'],
  ['a bad marker', 'Action=ListUsers&Version=2010-05-08&Marker=x', { service: 'iam' }, 400, 'ValidationError'],
];

for (const [what, body, options, status, code] of refusals) {
  test(`${what} is refused with ${code}`, async () => {
    const answer = await post(body, options);
    assert.equal(answer.status, status, answer.text);
    assert.match(
      answer.text,
      new RegExp(`^<ErrorResponse [^>]+><Error><Type>Sender</Type><Code>${code}</Code><Message>[^<]+</Message>`),
    );
  });
}

test('whatever is sent as a form is answered, never with a defect', async () => {
  const text = fc.string({ maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(text, text, { maxKeys: 4 }),
      fc.constantFrom('iam', 'sts'),
      async (more, service) => {
        const { status } = await post(new URLSearchParams({ Action: 'CreateRole', ...more }).toString(), { service });
        assert.ok(status === 400 || status === 403, String(status));
      },
    ),
    { numRuns: 40 },
  );
});

test('text cannot become markup', () => {
  fc.assert(fc.property(fc.string(), (text) => !/[<>"]/.test(escapeXml(text))));
  assert.equal(escapeXml('a & <b> "c"\u0000'), 'a &amp; &lt;b&gt; &quot;c&quot;');
  const date = new Date(Date.UTC(2026, 0, 15, 12));
  assert.equal(
    xmlElement('A', { B: ['x', { C: true }], D: date, E: undefined }),
    '<A><B><member>x</member><member><C>true</C></member></B><D>2026-01-15T12:00:00Z</D></A>',
  );
});
