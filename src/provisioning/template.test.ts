import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ProvisioningPlan, parseTemplate, planOf, TemplateError } from './template.ts';

const CERTIFICATE_ID = 'c'.repeat(64);

/** A thing's plan from the value of its ThingName, which is what most of these tests are about. */
function nameFrom(thingName: unknown, parameters: Record<string, string> = {}, sections: object = {}): string {
  const declared = Object.fromEntries(['A', 'B', 'List', 'Index'].map((name) => [name, { Type: 'String' }]));
  const template = {
    Parameters: declared,
    Resources: { thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } } },
    ...sections,
  };
  return plan(template, parameters).thing?.thingName as string;
}

function plan(template: object, parameters: Record<string, string> = {}): ProvisioningPlan {
  return planOf(parseTemplate(JSON.stringify(template)), parameters);
}

function thing(properties: object, override?: object): object {
  const resource = { Type: 'AWS::IoT::Thing', Properties: properties, ...(override && { OverrideSettings: override }) };
  return { Resources: { thing: resource } };
}

function certificate(properties: object, override?: object): object {
  const resource = {
    Type: 'AWS::IoT::Certificate',
    Properties: properties,
    ...(override && { OverrideSettings: override }),
  };
  return { Resources: { certificate: resource } };
}

const refused = (path: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TemplateError, String(error));
  assert.equal(error.path, path);
  assert.match(error.message, message);
  return true;
};

test('the template of the fleet provisioning guide makes its plan', () => {
  const made = plan(
    {
      Parameters: {
        ThingName: { Type: 'String' },
        SerialNumber: { Type: 'String' },
        DeviceLocation: { Type: 'String', Default: 'Tokyo' },
        'AWS::IoT::Certificate::Id': { Type: 'String' },
      },
      Mappings: { LocationTable: { Tokyo: { Url: 'https://tokyo.example' }, Paris: { Url: 'https://paris.example' } } },
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: {
            AttributePayload: { version: 'v1', serialNumber: { Ref: 'SerialNumber' } },
            ThingName: { 'Fn::Join': ['', ['ThingPrefix_', { Ref: 'SerialNumber' }]] },
            ThingTypeName: { 'Fn::Join': ['', ['ThingTypePrefix_', { Ref: 'SerialNumber' }]] },
            ThingGroups: ['v1-lightbulbs', 'WA'],
            BillingGroup: 'LightBulbBillingGroup',
          },
          OverrideSettings: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
        },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
        },
        policy: {
          Type: 'AWS::IoT::Policy',
          Properties: {
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: ['iot:Publish'], Resource: ['arn:*:${iot:ClientId}'] }],
            },
          },
        },
      },
      DeviceConfiguration: {
        FallbackUrl: 'https://www.example.com/test-site',
        LocationUrl: { 'Fn::FindInMap': ['LocationTable', { Ref: 'DeviceLocation' }, 'Url'] },
      },
    },
    { SerialNumber: '1', 'AWS::IoT::Certificate::Id': CERTIFICATE_ID, Undeclared: 'is passed over' },
  );
  assert.deepEqual(made, {
    thing: {
      logicalName: 'thing',
      thingName: 'ThingPrefix_1',
      attributes: { version: 'v1', serialNumber: '1' },
      thingTypeName: 'ThingTypePrefix_1',
      thingGroups: ['v1-lightbulbs', 'WA'],
      billingGroup: 'LightBulbBillingGroup',
      override: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
    },
    certificate: {
      logicalName: 'certificate',
      source: { kind: 'id', certificateId: CERTIFICATE_ID },
      status: 'ACTIVE',
      override: 'REPLACE',
    },
    policies: [
      {
        logicalName: 'policy',
        policyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iot:Publish"],"Resource":["arn:*:${iot:ClientId}"]}]}',
      },
    ],
    deviceConfiguration: {
      FallbackUrl: 'https://www.example.com/test-site',
      LocationUrl: 'https://tokyo.example',
    },
  });
});

describe('a function', () => {
  const mappings = { Mappings: { Sites: { tokyo: { code: 'T1' } } } };
  for (const [what, value, parameters, expected] of [
    ['Ref is a parameter', { Ref: 'A' }, { A: 'a' }, 'a'],
    ['a number is text', 12, {}, '12'],
    ['a boolean is text', true, {}, 'true'],
    ['Join puts a delimiter between', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 'c']] }, { B: 'b' }, 'a-b-c'],
    [
      'Join of nothing is empty, with its neighbours',
      { 'Fn::Join': ['x', [{ 'Fn::Join': [',', []] }, 'a']] },
      {},
      'xa',
    ],
    ['Join takes what Split makes', { 'Fn::Join': ['_', { 'Fn::Split': [',', 'a,b'] }] }, {}, 'a_b'],
    ['Select takes an item by number', { 'Fn::Select': [1, ['a', 'b']] }, {}, 'b'],
    ['Select takes an item by text', { 'Fn::Select': [{ Ref: 'Index' }, ['a', 'b']] }, { Index: '0' }, 'a'],
    ['Select of Split', { 'Fn::Select': ['2', { 'Fn::Split': ['|', 'a|b|c'] }] }, {}, 'c'],
    ['FindInMap looks up', { 'Fn::FindInMap': ['Sites', { Ref: 'A' }, 'code'] }, { A: 'tokyo' }, 'T1'],
    ['Sub takes parameters', { 'Fn::Sub': 'x-${A}-${ B }' }, { A: 'a', B: 'b' }, 'x-a-b'],
    [
      'Sub prefers its own variables',
      { 'Fn::Sub': ['${A}${v}', { A: 'own', v: { Ref: 'B' } }] },
      { A: 'a', B: 'b' },
      'ownb',
    ],
    [
      'Sub does not look at what it put in',
      { 'Fn::Join': ['', { 'Fn::Split': ['$', { 'Fn::Sub': '${A}' }] }] },
      { A: 'a$b' },
      'ab',
    ],
  ] as const) {
    test(`${what}`, () => assert.equal(nameFrom(value, parameters, mappings), expected));
  }

  test('Sub keeps what is escaped, as policies need it', () => {
    const made = plan({
      Parameters: { Area: { Type: 'String', Default: 'north' } },
      Resources: {
        certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId: CERTIFICATE_ID } },
        policy: {
          Type: 'AWS::IoT::Policy',
          Properties: { PolicyDocument: { 'Fn::Sub': '{"a":"${Area}/${!iot:ClientId}"}' } },
        },
      },
    });
    assert.deepEqual(made.policies, [{ logicalName: 'policy', policyDocument: '{"a":"north/${iot:ClientId}"}' }]);
  });

  const at = 'Resources.thing.Properties.ThingName';
  for (const [what, value, parameters, path, message] of [
    ['Ref to what is not declared', { Ref: 'C' }, {}, `${at}.Ref`, /'C', which is not declared in Parameters/],
    ['Ref without a value', { Ref: 'A' }, {}, at, /needs a value for the parameter 'A'/],
    ['Ref to a list', { Ref: ['A'] }, {}, `${at}.Ref`, /must be the name of a parameter/],
    ['Select beyond the end', { 'Fn::Select': [2, ['a', 'b']] }, {}, at, /selects item 2 of a list of 2/],
    [
      'Select by what is no number',
      { 'Fn::Select': [{ Ref: 'A' }, ['a']] },
      { A: '-1' },
      `${at}.Fn::Select[0]`,
      /must be an index/,
    ],
    ['Select of a null', { 'Fn::Select': [0, [null]] }, {}, `${at}.Fn::Select[1][0]`, /must not be null/],
    ['Select of a text', { 'Fn::Select': [0, 'a'] }, {}, `${at}.Fn::Select[1]`, /must be a list/],
    ['Join of one argument', { 'Fn::Join': [','] }, {}, `${at}.Fn::Join`, /must be a list of a delimiter and a list/],
    [
      'Split by nothing',
      { 'Fn::Join': ['', { 'Fn::Split': ['', 'ab'] }] },
      {},
      `${at}.Fn::Join[1].Fn::Split[0]`,
      /must not be empty/,
    ],
    [
      'FindInMap in no map',
      { 'Fn::FindInMap': ['Nowhere', 'a', 'b'] },
      {},
      `${at}.Fn::FindInMap[0]`,
      /'Nowhere', which is not in Mappings/,
    ],
    [
      'FindInMap of no key',
      { 'Fn::FindInMap': ['Sites', { Ref: 'A' }, 'code'] },
      { A: 'x' },
      at,
      /finds nothing at 'Sites', 'x', 'code'/,
    ],
    [
      'Sub of what is not known',
      { 'Fn::Sub': '${iot:ClientId}' },
      {},
      `${at}.Fn::Sub`,
      /write \$\{!iot:ClientId\} to keep it/,
    ],
    [
      'a function that does not exist',
      { 'Fn::GetAtt': ['a', 'b'] },
      {},
      at,
      /uses Fn::GetAtt, which is not one of Ref/,
    ],
    ['two functions at once', { Ref: 'A', 'Fn::Sub': 'x' }, {}, at, /nothing beside the function/],
    ['a list where a text must be', ['a'], {}, at, /must be a text/],
    ['an object where a text must be', { a: 'b' }, {}, at, /must be a text/],
    ['Split where a text must be', { 'Fn::Split': [',', 'a'] }, {}, at, /must be a text/],
    ['a name with a space', 'my thing', {}, at, /must be a name of letters, digits, : _ -, not 'my thing'/],
    ['an empty name', { Ref: 'A' }, { A: '' }, at, /must be a name/],
  ] as const) {
    test(`${what} is refused where it stands`, () => {
      assert.throws(() => nameFrom(value, parameters, mappings), refused(path, message));
    });
  }

  test('cannot make texts without end by being put into one another', () => {
    let value: unknown = 'x'.repeat(1000);
    for (let level = 0; level < 14; level++) value = { 'Fn::Sub': ['${v}${v}', { v: value }] };
    assert.throws(() => nameFrom(value), /longer than/);
    const joined = { 'Fn::Join': [{ Ref: 'A' }, { 'Fn::Split': [',', { Ref: 'B' }] }] };
    assert.throws(() => nameFrom(joined, { A: 'x'.repeat(100_000), B: ','.repeat(9000) }), /longer than/);
    const split = { 'Fn::Join': ['', { 'Fn::Split': [',', { Ref: 'B' }] }] };
    assert.throws(() => nameFrom(split, { B: ','.repeat(20_000) }), /more than 10000 parts/);
  });

  test('is not nested without end', () => {
    let value: unknown = 'x';
    for (let level = 0; level < 40; level++) value = { 'Fn::Sub': ['${v}', { v: value }] };
    assert.throws(() => nameFrom(value), /nested more than 32 levels deep/);
  });
});

describe('a resource', () => {
  for (const [what, template, path, message] of [
    ['no resources', {}, 'Resources', /one resource at least/],
    ['a section of another name', { Resource: {} }, 'Resource', /did you mean Resources\?/],
    ['a parameter of another type', { Parameters: { A: { Type: 'Number' } } }, 'Parameters.A.Type', /must be 'String'/],
    [
      'a default that is no text',
      { Parameters: { A: { Type: 'String', Default: 1 } } },
      'Parameters.A.Default',
      /must be a text/,
    ],
    [
      'a function in Mappings',
      { Mappings: { a: { b: { c: { Ref: 'x' } } } } },
      'Mappings.a.b.c',
      /functions do not work in Mappings/,
    ],
    [
      'an unknown type',
      { Resources: { x: { Type: 'AWS::IoT::Job', Properties: {} } } },
      'Resources.x.Type',
      /must be one of/,
    ],
    ['no properties', { Resources: { x: { Type: 'AWS::IoT::Thing' } } }, 'Resources.x.Properties', /must be an object/],
    ['a thing without a name', thing({}), 'Resources.thing.Properties', /must have a ThingName/],
    [
      'a property that is misspelt',
      thing({ Thingname: 'a' }),
      'Resources.thing.Properties.Thingname',
      /did you mean ThingName\?/,
    ],
    [
      'attributes that are no object',
      thing({ ThingName: 'a', AttributePayload: 'b' }),
      'Resources.thing.Properties.AttributePayload',
      /must be an object/,
    ],
    [
      'an attribute with a space',
      thing({ ThingName: 'a', AttributePayload: { color: 'light blue' } }),
      'Resources.thing.Properties.AttributePayload.color',
      /no spaces/,
    ],
    [
      'an attribute name with a space',
      thing({ ThingName: 'a', AttributePayload: { 'a b': 'c' } }),
      'Resources.thing.Properties.AttributePayload.a b',
      /is not the name/,
    ],
    [
      'groups that are no list',
      thing({ ThingName: 'a', ThingGroups: 'g' }),
      'Resources.thing.Properties.ThingGroups',
      /must be a list/,
    ],
    [
      'a group name that cannot be',
      thing({ ThingName: 'a', ThingGroups: ['g', ''] }),
      'Resources.thing.Properties.ThingGroups[1]',
      /name of a thing group/,
    ],
    [
      'an override that is none',
      thing({ ThingName: 'a' }, { ThingTypeName: 'MERGE' }),
      'Resources.thing.OverrideSettings.ThingTypeName',
      /DO_NOTHING, REPLACE, FAIL/,
    ],
    [
      'an override of something else',
      thing({ ThingName: 'a' }, { ThingName: 'FAIL' }),
      'Resources.thing.OverrideSettings.ThingName',
      /is not known here/,
    ],
    [
      'a certificate of two sources',
      certificate({ CertificateId: 'a', CertificatePem: 'b' }),
      'Resources.certificate.Properties',
      /exactly one of/,
    ],
    ['a certificate of none', certificate({ Status: 'ACTIVE' }), 'Resources.certificate.Properties', /exactly one of/],
    [
      'a certificate id that is none',
      certificate({ CertificateId: 'abc' }),
      'Resources.certificate.Properties.CertificateId',
      /64 hex digits/,
    ],
    [
      'another status',
      certificate({ CertificateId: CERTIFICATE_ID, Status: 'REVOKED' }),
      'Resources.certificate.Properties.Status',
      /ACTIVE or INACTIVE/,
    ],
    [
      'a CA beside no certificate',
      certificate({ CertificateId: CERTIFICATE_ID, CACertificatePem: 'x' }),
      'Resources.certificate.Properties.CACertificatePem',
      /goes only with/,
    ],
    [
      'a policy without a certificate',
      { Resources: { p: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'p' } } } },
      'Resources.p',
      /there is none/,
    ],
    [
      'a nested device configuration',
      { ...thing({ ThingName: 'a' }), DeviceConfiguration: { a: { b: 'c' } } },
      'DeviceConfiguration.a',
      /flat/,
    ],
  ] as const) {
    test(`${what} is refused where it stands`, () => assert.throws(() => plan(template), refused(path, message)));
  }

  test('comes once: a second thing or certificate is refused', () => {
    const one = { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a' } };
    assert.throws(() => plan({ Resources: { a: one, b: one } }), refused('Resources.b', /second thing/));
  });

  test('is overridden by names in both spellings', () => {
    const override = { ATTRIBUTE_PAYLOAD: 'MERGE', THING_TYPE_NAME: 'REPLACE', ThingGroups: 'FAIL' };
    assert.deepEqual(plan(thing({ ThingName: 'a' }, override)).thing?.override, {
      AttributePayload: 'MERGE',
      ThingTypeName: 'REPLACE',
      ThingGroups: 'FAIL',
    });
    assert.equal(
      plan(certificate({ CertificateId: CERTIFICATE_ID }, { STATUS: 'FAIL' })).certificate?.override,
      'FAIL',
    );
  });

  test('what is too long or no JSON is refused', () => {
    assert.throws(() => parseTemplate(' '.repeat(10_241)), refused('', /longer than 10240/));
    assert.throws(() => parseTemplate('{'), refused('', /is not JSON/));
    assert.throws(() => parseTemplate('[]'), refused('', /must be a JSON object/));
  });
});

/** JSON that looks like a template often enough to get past the first checks. */
function templateLike(): fc.Arbitrary<unknown> {
  const names = [
    'Ref',
    'Fn::Join',
    'Fn::Select',
    'Fn::Split',
    'Fn::Sub',
    'Fn::FindInMap',
    'ThingName',
    'A',
    '__proto__',
    'toString',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('A', '${A}', '${!A}', '${', 'x', '', ','),
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 2 }),
    ),
  }));
  const properties = fc.dictionary(
    fc.constantFrom(
      'ThingName',
      'AttributePayload',
      'ThingGroups',
      'CertificateId',
      'Status',
      'PolicyDocument',
      'CertificatePem',
    ),
    value,
    { maxKeys: 4 },
  );
  const resource = fc.record({
    Type: fc.constantFrom('AWS::IoT::Thing', 'AWS::IoT::Certificate', 'AWS::IoT::Policy', 'toString'),
    Properties: properties,
  });
  return fc.record(
    {
      Parameters: fc.dictionary(
        fc.constantFrom('A', '__proto__', 'B'),
        fc.constant({ Type: 'String', Default: 'a,b' }),
      ),
      Mappings: fc.oneof(value, fc.constant({ x: { x: { x: 'y' } } })),
      Resources: fc.oneof(value, fc.dictionary(fc.string({ maxLength: 3 }), resource, { maxKeys: 3 })),
      DeviceConfiguration: fc.oneof(value, fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 2 })),
    },
    { requiredKeys: ['Resources'] },
  );
}

for (const [what, arbitrary] of [
  ['any JSON', fc.jsonValue()],
  ['what looks like a template', templateLike()],
] as const) {
  test(`${what} makes a plan or a TemplateError, nothing else`, () => {
    fc.assert(
      fc.property(arbitrary, fc.dictionary(fc.constantFrom('A', 'B'), fc.string()), (json, parameters) => {
        try {
          assert.ok(Array.isArray(planOf(parseTemplate(JSON.stringify(json)), parameters).policies));
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
}

test('any text makes a template or a TemplateError', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      assert.throws(() => parseTemplate(text), TemplateError);
    }),
  );
});
