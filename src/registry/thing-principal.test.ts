import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, type Bench, bench, certificate, identity } from '../../test/support/registry-bench.ts';

const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const notFound = { name: 'ServiceError', code: 'ResourceNotFoundException' };
const exclusive = { thingPrincipalType: 'EXCLUSIVE_THING' } as const;
const nonExclusive = { thingPrincipalType: 'NON_EXCLUSIVE_THING' } as const;

/** A registry with the things `a`, `b` and `c`. */
async function withThings(): Promise<Bench> {
  const registry = await bench();
  for (const thingName of ['a', 'b', 'c']) await registry.createThing({ thingName });
  registry.changes.length = 0;
  return registry;
}

test('an attachment is listed from both sides until it is detached', async () => {
  const r = await withThings();
  const principal = certificate(1);
  assert.deepEqual(await r.attachThingPrincipal({ thingName: 'a', principal }), {});
  assert.deepEqual(await r.listThingPrincipals({ thingName: 'a' }), { principals: [principal], nextToken: undefined });
  assert.deepEqual(await r.listPrincipalThings({ principal }), { things: ['a'], nextToken: undefined });
  assert.deepEqual((await r.listThingPrincipalsV2({ thingName: 'a' })).thingPrincipalObjects, [
    { principal, ...nonExclusive },
  ]);
  assert.deepEqual((await r.listPrincipalThingsV2({ principal })).principalThingObjects, [
    { thingName: 'a', ...nonExclusive },
  ]);
  assert.deepEqual(await r.detachThingPrincipal({ thingName: 'a', principal }), {});
  assert.deepEqual((await r.listThingPrincipals({ thingName: 'a' })).principals, []);
  assert.deepEqual((await r.listPrincipalThings({ principal })).things, []);
  const timestamp = 1_700_000_000_000;
  assert.deepEqual(r.changes, [
    { kind: 'attached', thingName: 'a', principal, timestamp },
    { kind: 'detached', thingName: 'a', principal, timestamp },
  ]);
});

test('attaching and detaching again changes nothing', async () => {
  const r = await withThings();
  const pair = { thingName: 'a', principal: certificate(1) };
  assert.deepEqual(await r.detachThingPrincipal(pair), {});
  await r.attachThingPrincipal({ ...pair, ...exclusive });
  assert.deepEqual(await r.attachThingPrincipal({ ...pair, ...exclusive }), {});
  assert.deepEqual(await r.attachThingPrincipal(pair), {});
  await assert.rejects(r.attachThingPrincipal({ ...pair, ...nonExclusive }), {
    ...invalid,
    message: 'The principal is attached to thing a as EXCLUSIVE_THING; detach it first',
  });
  await r.detachThingPrincipal(pair);
  await r.detachThingPrincipal(pair);
  assert.deepEqual(
    r.changes.map(({ kind }) => kind),
    ['attached', 'detached'],
  );
});

test('an exclusive thing is the only one of its certificate, which may share it with others', async () => {
  const r = await withThings();
  await r.attachThingPrincipal({ thingName: 'a', principal: certificate(1), ...exclusive });
  for (const type of [exclusive, nonExclusive, {}]) {
    await assert.rejects(r.attachThingPrincipal({ thingName: 'b', principal: certificate(1), ...type }), {
      ...invalid,
      message: 'The principal is attached exclusively to thing a',
    });
  }
  await r.attachThingPrincipal({ thingName: 'a', principal: certificate(2), ...exclusive });
  await r.attachThingPrincipal({ thingName: 'a', principal: certificate(3) });
  await r.attachThingPrincipal({ thingName: 'b', principal: certificate(3) });
  await assert.rejects(r.attachThingPrincipal({ thingName: 'c', principal: certificate(3), ...exclusive }), {
    ...invalid,
    message: 'The principal is already attached to thing a',
  });
  await r.detachThingPrincipal({ thingName: 'a', principal: certificate(1) });
  await r.attachThingPrincipal({ thingName: 'b', principal: certificate(1), ...exclusive });
});

test('only certificates are attached exclusively', async () => {
  const r = await withThings();
  await assert.rejects(r.attachThingPrincipal({ thingName: 'a', principal: identity, ...exclusive }), invalid);
  await r.attachThingPrincipal({ thingName: 'a', principal: identity });
});

test('unknown things and principals are refused', async () => {
  const r = await withThings();
  const unknownThing = { thingName: 'x', principal: certificate(1) };
  const unknownPrincipal = { thingName: 'a', principal: certificate(100) };
  await assert.rejects(r.attachThingPrincipal(unknownThing), { ...notFound, message: 'Thing x cannot be found.' });
  await assert.rejects(r.attachThingPrincipal(unknownPrincipal), notFound);
  await assert.rejects(r.detachThingPrincipal(unknownThing), { ...notFound, message: 'Thing x cannot be found.' });
  assert.deepEqual(await r.detachThingPrincipal(unknownPrincipal), {});
  const message = 'Failed to list principals for thing x because the thing does not exist in your account';
  await assert.rejects(r.listThingPrincipals({ thingName: 'x' }), { ...notFound, message });
  await assert.rejects(r.listThingPrincipalsV2({ thingName: 'x' }), { ...notFound, message });
  await assert.rejects(r.listPrincipalThings(unknownPrincipal), notFound);
  await assert.rejects(r.listPrincipalThingsV2(unknownPrincipal), notFound);
});

test('what cannot be a principal is refused', async () => {
  const r = await withThings();
  for (const principal of ['', 'a b', 'x'.repeat(5000), 'ü']) {
    await assert.rejects(r.attachThingPrincipal({ thingName: 'a', principal }), invalid);
    await assert.rejects(r.detachThingPrincipal({ thingName: 'a', principal }), invalid);
    await assert.rejects(r.listPrincipalThings({ principal }), invalid);
  }
});

test("a thing's principals are listed page by page, by type when asked", async () => {
  const r = await withThings();
  for (const n of [3, 1, 2, 5, 4]) {
    await r.attachThingPrincipal({ thingName: 'a', principal: certificate(n), ...(n % 2 ? exclusive : nonExclusive) });
  }
  await r.attachThingPrincipal({ thingName: 'b', principal: certificate(9) });
  const plain = await allPages(2, async (page) => {
    const { principals = [], nextToken } = await r.listThingPrincipals({ thingName: 'a', ...page });
    return { items: principals, nextToken };
  });
  assert.deepEqual(
    plain,
    [[1, 2], [3, 4], [5]].map((numbers) => numbers.map(certificate)),
  );
  const odd = await allPages(2, async (page) => {
    const { thingPrincipalObjects = [], nextToken } = await r.listThingPrincipalsV2({
      thingName: 'a',
      ...page,
      ...exclusive,
    });
    return { items: thingPrincipalObjects, nextToken };
  });
  assert.deepEqual(
    odd,
    [[1, 3], [5]].map((numbers) => numbers.map((n) => ({ principal: certificate(n), ...exclusive }))),
  );
  const { nextToken } = await r.listThingPrincipals({ thingName: 'a', maxResults: 1 });
  await assert.rejects(r.listThingPrincipals({ thingName: 'b', nextToken }), invalid);
  await assert.rejects(r.listThingPrincipalsV2({ thingName: 'a', nextToken }), invalid);
});

test("a principal's things are listed page by page, by type when asked", async () => {
  const r = await withThings();
  const principal = certificate(1);
  for (const thingName of ['c', 'a', 'b']) await r.attachThingPrincipal({ thingName, principal });
  const plain = await allPages(2, async (page) => {
    const { things = [], nextToken } = await r.listPrincipalThings({ principal, ...page });
    return { items: things, nextToken };
  });
  assert.deepEqual(plain, [['a', 'b'], ['c']]);
  const typed = await allPages(2, async (page) => {
    const { principalThingObjects = [], nextToken } = await r.listPrincipalThingsV2({
      principal,
      ...page,
      ...nonExclusive,
    });
    return { items: principalThingObjects.map(({ thingName }) => thingName), nextToken };
  });
  assert.deepEqual(typed, [['a', 'b'], ['c']]);
  assert.deepEqual((await r.listPrincipalThingsV2({ principal, ...exclusive })).principalThingObjects, []);
});

test('a thing that is being deleted is not attached, and one that is being attached is not deleted', async () => {
  const r = await withThings();
  const principal = certificate(1);
  r.beforeNextCommit(() => r.elsewhere.deleteThing({ thingName: 'a' }));
  await assert.rejects(r.attachThingPrincipal({ thingName: 'a', principal }), notFound);
  r.beforeNextCommit(() => r.elsewhere.attachThingPrincipal({ thingName: 'b', principal }));
  await assert.rejects(r.deleteThing({ thingName: 'b' }), invalid);
  assert.deepEqual((await r.listPrincipalThings({ principal })).things, ['b']);
});

test('two attachments at once cannot break exclusiveness, wherever they are made', async () => {
  for (const [own, other] of [
    [exclusive, exclusive],
    [exclusive, nonExclusive],
    [nonExclusive, exclusive],
  ]) {
    const r = await withThings();
    const principal = certificate(1);
    r.beforeNextCommit(() => r.elsewhere.attachThingPrincipal({ thingName: 'b', principal, ...other }));
    await assert.rejects(r.attachThingPrincipal({ thingName: 'a', principal, ...own }), invalid);
    assert.deepEqual((await r.listPrincipalThings({ principal })).things, ['b']);
  }
});

test('an attachment made while the last other one is detached stays exclusive-safe', async () => {
  const r = await withThings();
  const principal = certificate(1);
  await r.attachThingPrincipal({ thingName: 'a', principal });
  r.beforeNextCommit(() => r.elsewhere.attachThingPrincipal({ thingName: 'b', principal }));
  await r.detachThingPrincipal({ thingName: 'a', principal });
  assert.deepEqual((await r.listPrincipalThings({ principal })).things, ['b']);
  r.beforeNextCommit(() => r.elsewhere.detachThingPrincipal({ thingName: 'b', principal }));
  await r.attachThingPrincipal({ thingName: 'c', principal });
  assert.deepEqual((await r.listPrincipalThings({ principal })).things, ['c']);
});

test('very many attachments at once are all made', async () => {
  const r = await withThings();
  const things = Array.from({ length: 60 }, (_, i) => `t${i}`);
  await Promise.all(things.map((thingName) => r.createThing({ thingName })));
  await Promise.all(things.map((thingName) => r.attachThingPrincipal({ thingName, principal: certificate(1) })));
  await Promise.all(things.map((_, i) => r.attachThingPrincipal({ thingName: 'a', principal: certificate(i + 2) })));
  assert.equal((await r.listPrincipalThings({ principal: certificate(1) })).things?.length, 60);
  assert.equal((await r.listThingPrincipals({ thingName: 'a' })).principals?.length, 60);
});
