import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { AssociatedThing, Circumstances, ThingChange } from './authority.ts';
import { createPolicyAuthority, type PolicyAuthorityDeps } from './policy-authority.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { PolicyChange, PolicyListener } from './policy-records.ts';
import { anonymous, type CertificatePrincipal, type CustomPrincipal, type UserPrincipal } from './principal.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000:';
const device: CertificatePrincipal = { kind: 'certificate', id: 'c1', arn: `${ARN}cert/c1` };
const admin: UserPrincipal = {
  kind: 'user',
  id: 'AIDA1',
  arn: 'arn:aws:iam::000000000000:user/admin',
  accessKeyId: 'AKIA1',
  isAdmin: true,
};
const lamp: Circumstances = { clientId: 'lamp', sourceIp: '192.0.2.1', secure: true };

function policy(policyName: string, ...statements: object[]): NamedDocument {
  const document = parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  return { policyName, policyArn: `${ARN}policy/${policyName}`, document };
}

function allow(resource: string, extra: object = {}) {
  return { Effect: 'Allow', Action: 'iot:*', Resource: ARN + resource, ...extra };
}

function setUp(options: Partial<PolicyAuthorityDeps> = {}) {
  const clock = new VirtualClock(1_768_478_400_000);
  const attached = new Map<string, readonly NamedDocument[]>();
  const things = new Map<string, AssociatedThing>();
  const counts = { policies: 0, things: 0, certificates: 0 };
  const state: { beforeLoad?: () => Promise<void>; beforeThing?: () => Promise<void> } = {};
  let policyListener: PolicyListener = async () => assert.fail('nobody listens');
  let thingListener = (_change: ThingChange): void => assert.fail('nobody listens');
  const authority = createPolicyAuthority({
    policies: {
      policiesOf: async (arn) => {
        counts.policies++;
        const policies = attached.get(arn) ?? [];
        await state.beforeLoad?.();
        return policies;
      },
      onChange: (listener) => {
        policyListener = listener;
        return () => {};
      },
    },
    access: { policiesOf: async () => ({ documents: [] }), onChange: () => () => {} },
    resourceTags: async () => undefined,
    things: {
      associatedThing: async (_arn, clientId) => {
        counts.things++;
        const thing = things.get(clientId);
        await state.beforeThing?.();
        return thing;
      },
      onChange: (listener) => {
        thingListener = listener;
        return () => {};
      },
    },
    certificateAttributes: async (id) => {
      counts.certificates++;
      return new Map([['Subject.CommonName', [`name of ${id}`]]]);
    },
    onRefusal: () => {},
    place: { region: 'us-east-1', account: '000000000000' },
    clock,
    log: silentLog,
    ...options,
  });
  const change = (what: PolicyChange): Promise<void> => policyListener(what);
  return {
    authority,
    clock,
    attached,
    things,
    counts,
    state,
    change,
    thingChanged: (what: ThingChange) => thingListener(what),
  };
}

test('a connection may do what the policies of its principal say for its own client id', async () => {
  const { authority, attached } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:ClientId}/*'))]);
  const [first, second] = await Promise.all([
    authority.openAuthority(device, lamp),
    authority.openAuthority(device, { ...lamp, clientId: 'fan' }),
  ]);
  assert.equal(first.principal, device);
  assert.deepEqual(
    [first, second].map((one) => one.allows('iot:Publish', 'topic/lamp/on')),
    [true, false],
  );
});

test('a change of an attachment is in force when it is answered, under another epoch', async () => {
  const { authority, attached, change } = setUp();
  const open = await authority.openAuthority(device, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
  const before = open.epoch;
  attached.set(device.arn, [policy('p', allow('topic/a'))]);
  await change({ target: device.arn });
  assert.notEqual(open.epoch, before);
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  attached.set(device.arn, [policy('p', allow('topic/b'))]);
  await change({ policyName: 'p' });
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test('a change of what does not concern a principal costs it nothing', async () => {
  const { authority, attached, change, counts, thingChanged } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/a'))]);
  const open = await authority.openAuthority(device, lamp);
  const { epoch } = open;
  await change({ policyName: 'q' });
  await change({ target: `${ARN}cert/c2` });
  thingChanged({ thingName: 'fan' });
  thingChanged({ thingName: 'lamp', principal: `${ARN}cert/c2` });
  await new Promise(setImmediate);
  assert.equal(open.epoch, epoch);
  assert.deepEqual(counts, { policies: 1, things: 1, certificates: 0 });
});

test('a change during a load is not lost', async () => {
  const { authority, attached, state, change } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/a'))]);
  let changed: Promise<void> | undefined;
  state.beforeLoad = async () => {
    state.beforeLoad = undefined;
    attached.delete(device.arn);
    changed = change({ target: device.arn });
  };
  const open = await authority.openAuthority(device, lamp);
  await changed;
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test('connections of one principal load its policies once, and a released principal is forgotten', async () => {
  const { authority, counts, change } = setUp();
  const first = await authority.openAuthority(device, lamp);
  const second = await authority.openAuthority(device, { ...lamp, clientId: 'fan' });
  assert.equal(counts.policies, 1);
  first.release();
  first.release();
  await change({ target: device.arn });
  assert.equal(counts.policies, 2);
  second.release();
  await change({ target: device.arn });
  assert.equal(counts.policies, 2);
  await authority.openAuthority(device, lamp);
  assert.equal(counts.policies, 3);
});

test('the associated thing and its attributes follow every change of things', async () => {
  const { authority, attached, things, thingChanged } = setUp();
  attached.set(device.arn, [
    policy('p', allow('topic/${iot:Connection.Thing.ThingName}/${iot:Connection.Thing.Attributes[room]}')),
  ]);
  const open = await authority.openAuthority(device, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/lamp/hall'), false);
  things.set('lamp', {
    thingName: 'lamp',
    attributes: { room: 'hall' },
    isAttached: true,
    isExclusive: false,
    groupArns: [],
  });
  const { epoch } = open;
  thingChanged({ thingName: 'lamp', principal: device.arn });
  await new Promise(setImmediate);
  assert.notEqual(open.epoch, epoch);
  assert.equal(open.allows('iot:Publish', 'topic/lamp/hall'), true);
  things.set('lamp', { ...things.get('lamp')!, attributes: { room: 'cellar' } });
  thingChanged({ thingName: 'lamp' });
  thingChanged({ thingName: 'lamp' });
  await new Promise(setImmediate);
  assert.equal(open.allows('iot:Publish', 'topic/lamp/hall'), false);
  assert.equal(open.allows('iot:Publish', 'topic/lamp/cellar'), true);
});

test('a change of another thing is not looked into, nor one after the connection has gone', async () => {
  const { authority, attached, counts, thingChanged } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:Connection.Thing.ThingName}'))]);
  const open = await authority.openAuthority(device, lamp);
  const { things: before } = counts;
  thingChanged({ thingName: 'fan' });
  thingChanged({ thingName: 'fan', principal: `${ARN}cert/c2` });
  open.release();
  thingChanged({ thingName: 'lamp' });
  await new Promise(setImmediate);
  assert.equal(counts.things, before);
});

test('an exclusive thing of another name than the client is followed too, from the first moment', async () => {
  const { authority, attached, things, state, thingChanged } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:Connection.Thing.Attributes[room]}'))]);
  const pump = { thingName: 'pump', attributes: { room: 'hall' }, isAttached: true, isExclusive: true, groupArns: [] };
  things.set('lamp', pump);
  state.beforeThing = async () => {
    state.beforeThing = undefined;
    things.set('lamp', { ...pump, attributes: { room: 'attic' } });
    thingChanged({ thingName: 'pump' });
  };
  const open = await authority.openAuthority(device, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/attic'), true);
  things.set('lamp', { ...pump, attributes: { room: 'cellar' } });
  thingChanged({ thingName: 'pump' });
  await new Promise(setImmediate);
  assert.equal(open.allows('iot:Publish', 'topic/cellar'), true);
});

test('certificate variables are looked up for policies that use them', async () => {
  const { authority, attached, counts } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:Certificate.Subject.CommonName}'))]);
  const open = await authority.openAuthority(device, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/name of c1'), true);
  assert.equal(counts.certificates, 1);
});

test('a policy that looks at the clock moves the epoch with it', async () => {
  const { authority, attached, clock } = setUp();
  const Condition = { DateLessThan: { 'aws:CurrentTime': '2026-01-15T12:00:10Z' } };
  attached.set(device.arn, [policy('p', allow('topic/a', { Condition }), allow('topic/${aws:EpochTime}'))]);
  const open = await authority.openAuthority(device, lamp);
  const { epoch } = open;
  assert.equal(open.epoch, epoch);
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  assert.equal(open.allows('iot:Publish', 'topic/1768478400'), true);
  await clock.advance(10_000);
  assert.equal(open.allows('iot:Publish', 'topic/1768478410'), true);
  assert.notEqual(open.epoch, epoch);
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test('a reload that fails keeps the old policies and is tried again', async () => {
  const { authority, attached, state, change, clock } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/a'))]);
  const open = await authority.openAuthority(device, lamp);
  attached.delete(device.arn);
  state.beforeLoad = async () => {
    throw new Error('the disk is gone');
  };
  await change({ target: device.arn });
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  state.beforeLoad = undefined;
  await clock.advance(1000);
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test('an authority that cannot be loaded is not opened, and the next attempt starts afresh', async () => {
  const { authority, state } = setUp();
  state.beforeLoad = async () => {
    throw new Error('the disk is gone');
  };
  await assert.rejects(authority.openAuthority(device, lamp), /the disk is gone/);
  state.beforeLoad = undefined;
  await authority.openAuthority(device, lamp);
});

test('the admin may do everything, another user nothing as long as users have no policies', async () => {
  const { authority } = setUp();
  const open = await authority.openAuthority(admin, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  assert.equal((await authority.decide(admin, lamp, 'iot:CreateThing', `${ARN}thing/a`)).outcome, 'ALLOWED');
  const other = await authority.openAuthority({ ...admin, arn: `${admin.arn}2`, isAdmin: false }, lamp);
  assert.equal(other.allows('iot:Publish', 'topic/a'), false);
});

test('anonymous clients may do everything, or what the injected policy says', async () => {
  const free = await setUp().authority.openAuthority(anonymous, lamp);
  assert.equal(free.allows('iot:Publish', 'topic/a'), true);
  const anonymousPolicy = policy('anonymous', allow('topic/${iot:ClientId}'));
  const { authority } = setUp({ anonymousPolicy });
  const bound = await authority.openAuthority(anonymous, lamp);
  assert.equal(bound.allows('iot:Publish', 'topic/a'), false);
  assert.equal(bound.allows('iot:Publish', 'topic/lamp'), true);
});

test('single requests are decided with reasons, from memory until something changes', async () => {
  const { authority, attached, change, counts } = setUp();
  const http: Circumstances = { sourceIp: '192.0.2.1', secure: true };
  attached.set(device.arn, [policy('p', allow('topic/a'), allow('topic/${iot:ClientId}'))]);
  const ask = () => authority.decide(device, http, 'iot:Publish', `${ARN}topic/a`);
  const decision = await ask();
  assert.equal(decision.outcome, 'ALLOWED');
  assert.deepEqual(decision.missing, ['iot:ClientId']);
  await ask();
  assert.equal(counts.policies, 1);
  attached.delete(device.arn);
  await change({ target: device.arn });
  assert.equal((await ask()).outcome, 'IMPLICIT_DENY');
});

test('a connection that could not be opened leaves nothing behind beside one that is open', async () => {
  const { authority, attached, counts, state, change, thingChanged } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:Connection.Thing.ThingName}'))]);
  await authority.openAuthority(device, lamp);
  state.beforeThing = async () => {
    throw new Error('the disk is gone');
  };
  await assert.rejects(authority.openAuthority(device, { ...lamp, clientId: 'fan' }), /the disk is gone/);
  state.beforeThing = undefined;
  const { things: before } = counts;
  thingChanged({ thingName: 'fan' });
  await change({ target: device.arn });
  assert.equal(counts.things, before + 1);
});

test('a reload reads each thing once', async () => {
  const { authority, attached, things, counts, change } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/${iot:Connection.Thing.ThingName}'))]);
  things.set('lamp', { thingName: 'pump', attributes: {}, isAttached: true, isExclusive: true, groupArns: [] });
  await authority.openAuthority(device, lamp);
  const { things: before } = counts;
  await change({ target: device.arn });
  assert.equal(counts.things, before + 1);
});

/** A principal of a custom authorizer, and how its policies are replaced. */
function customPrincipal(documents: readonly NamedDocument[], certificate?: CertificatePrincipal) {
  let listener: (() => Promise<void>) | undefined;
  const grant = {
    documents,
    onChange(it: () => Promise<void>) {
      listener = it;
      return () => {
        listener = undefined;
      };
    },
  };
  const principal: CustomPrincipal = {
    kind: 'custom',
    id: certificate?.id ?? 'user1',
    arn: certificate?.arn ?? `${ARN}authorizer/A/user1`,
    grant,
    ...(certificate && { certificate }),
  };
  const replace = async (next: readonly NamedDocument[]): Promise<void> => {
    grant.documents = next;
    await listener?.();
  };
  return { principal, replace, isHeard: () => listener !== undefined };
}

test('what an authorizer gave holds for its connection alone, until it gives something else', async () => {
  const { authority, attached } = setUp();
  const one = customPrincipal([policy('a', allow('topic/one/${iot:ClientId}'))]);
  const two = customPrincipal([policy('a', allow('topic/two'))]);
  attached.set(one.principal.arn, [policy('p', allow('topic/attached'))]);
  const first = await authority.openAuthority(one.principal, lamp);
  const second = await authority.openAuthority(two.principal, lamp);
  const may = (open: typeof first, topic: string): boolean => open.allows('iot:Publish', `topic/${topic}`);
  assert.deepEqual([may(first, 'one/lamp'), may(first, 'two'), may(first, 'attached')], [true, false, false]);
  assert.deepEqual([may(second, 'one/lamp'), may(second, 'two')], [false, true]);
  const { epoch } = first;
  await one.replace([policy('a', allow('topic/new'))]);
  assert.notEqual(first.epoch, epoch);
  assert.deepEqual([may(first, 'one/lamp'), may(first, 'new'), may(second, 'new')], [false, true, false]);
  assert.equal(one.isHeard(), true);
  first.release();
  assert.equal(one.isHeard(), false);
});

test('a demanded certificate adds its policies and its things, as they are now', async () => {
  const { authority, attached, things, change } = setUp();
  attached.set(device.arn, [policy('p', allow('topic/certificate/${iot:Connection.Thing.ThingName}'))]);
  things.set('lamp', { thingName: 'lamp', attributes: {}, isAttached: true, isExclusive: false, groupArns: [] });
  const { principal } = customPrincipal([policy('a', allow('topic/authorizer'))], device);
  const open = await authority.openAuthority(principal, lamp);
  const may = (topic: string): boolean => open.allows('iot:Publish', `topic/${topic}`);
  assert.deepEqual([may('authorizer'), may('certificate/lamp')], [true, true]);
  attached.set(device.arn, []);
  await change({ target: device.arn });
  assert.deepEqual([may('authorizer'), may('certificate/lamp')], [true, false]);
});

test('a single request is judged by what its authorizer gave', async () => {
  const { authority } = setUp();
  const one = customPrincipal([policy('a', allow('topic/one'))]).principal;
  const two = customPrincipal([]).principal;
  const outcome = async (principal: CustomPrincipal): Promise<string> =>
    (await authority.decide(principal, { sourceIp: '192.0.2.1', secure: true }, 'iot:Publish', `${ARN}topic/one`))
      .outcome;
  assert.deepEqual([await outcome(one), await outcome(two)], ['ALLOWED', 'IMPLICIT_DENY']);
});

const hall = `${ARN}thinggroup/hall`;
const house = `${ARN}thinggroup/house`;
const inHall: AssociatedThing = {
  thingName: 'lamp',
  attributes: {},
  isAttached: true,
  isExclusive: false,
  groupArns: [house, hall],
};

test("a connection has the policies of its thing's groups besides its own, and other connections have not", async () => {
  const { authority, attached, things } = setUp();
  things.set('lamp', inHall);
  attached.set(device.arn, [policy('own', allow('topic/own'))]);
  attached.set(house, [policy('both', allow('topic/house')), policy('own', allow('topic/own'))]);
  attached.set(hall, [policy('hall', { ...allow('topic/own/secret'), Effect: 'Deny' }, allow('topic/own/*'))]);
  const open = await authority.openAuthority(device, lamp);
  const may = (topic: string) => open.allows('iot:Publish', `topic/${topic}`);
  assert.deepEqual(['own', 'house', 'own/a', 'own/secret', 'x'].map(may), [true, true, true, false, false]);
  const other = await authority.openAuthority(device, { ...lamp, clientId: 'fan' });
  assert.equal(other.allows('iot:Publish', 'topic/house'), false);
  assert.equal(other.allows('iot:Publish', 'topic/own'), true);
});

test('a policy of a group may use the variables of the connection and its thing', async () => {
  const { authority, attached, things } = setUp();
  things.set('lamp', inHall);
  attached.set(hall, [policy('p', allow('topic/${iot:ClientId}/${iot:Connection.Thing.ThingName}'))]);
  const open = await authority.openAuthority(device, lamp);
  assert.equal(open.allows('iot:Publish', 'topic/lamp/lamp'), true);
});

test('a thing that joins or leaves a group gains or loses its policies while it is connected', async () => {
  const { authority, attached, things, thingChanged } = setUp();
  attached.set(house, [policy('p', allow('topic/a'))]);
  things.set('lamp', { ...inHall, groupArns: [] });
  const open = await authority.openAuthority(device, lamp);
  const mayAfter = async (change: () => void) => {
    const { epoch } = open;
    change();
    await new Promise(setImmediate);
    assert.notEqual(open.epoch, epoch);
    return open.allows('iot:Publish', 'topic/a');
  };
  things.set('lamp', inHall);
  assert.equal(await mayAfter(() => thingChanged({ thingName: 'lamp' })), true);
  things.set('lamp', { ...inHall, isAttached: false, groupArns: [] });
  assert.equal(await mayAfter(() => thingChanged({ thingName: 'lamp', principal: device.arn })), false);
});

test('what is attached to a group, or becomes the default there, is in force for its things when it is answered', async () => {
  const { authority, attached, things, change } = setUp();
  things.set('lamp', inHall);
  const open = await authority.openAuthority(device, lamp);
  const bystander = await authority.openAuthority({ ...device, arn: `${ARN}cert/c2` }, { ...lamp, clientId: 'fan' });
  const { epoch } = bystander;
  attached.set(house, [policy('p', allow('topic/a'))]);
  await change({ target: house });
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  attached.set(house, [policy('p', allow('topic/b'))]);
  await change({ policyName: 'p' });
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
  assert.equal(open.allows('iot:Publish', 'topic/b'), true);
  assert.equal(bystander.epoch, epoch);
});

test('a new default version is not lost to a load that began before it', async () => {
  const { authority, attached, state, change } = setUp();
  const open = await authority.openAuthority(device, lamp);
  attached.set(device.arn, [policy('p', allow('topic/a'))]);
  let changed: Promise<void> | undefined;
  state.beforeLoad = async () => {
    state.beforeLoad = undefined;
    attached.set(device.arn, [policy('p', allow('topic/b'))]);
    changed = change({ policyName: 'p' });
  };
  await change({ target: device.arn });
  await changed;
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
  assert.equal(open.allows('iot:Publish', 'topic/b'), true);
});

test('a change of a group is not lost to a thing that is being looked up', async () => {
  const { authority, attached, things, state, change, thingChanged } = setUp();
  const open = await authority.openAuthority(device, lamp);
  attached.set(hall, [policy('p', allow('topic/a'))]);
  things.set('lamp', { ...inHall, groupArns: [hall] });
  let changed: Promise<void> | undefined;
  state.beforeLoad = async () => {
    state.beforeLoad = undefined;
    attached.delete(hall);
    changed = change({ target: hall });
  };
  thingChanged({ thingName: 'lamp' });
  await new Promise(setImmediate);
  await changed;
  assert.equal(state.beforeLoad, undefined);
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test("a single request with a client id has the policies of its thing's groups", async () => {
  const { authority, attached, things } = setUp();
  things.set('lamp', inHall);
  attached.set(hall, [policy('p', allow('topic/a'))]);
  const decide = async (circumstances: Circumstances) =>
    (await authority.decide(device, circumstances, 'iot:Publish', `${ARN}topic/a`)).outcome;
  assert.equal(await decide(lamp), 'ALLOWED');
  assert.equal(await decide({ sourceIp: '192.0.2.1', secure: true }), 'IMPLICIT_DENY');
});
