import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createRoleAliases } from './role-alias.ts';

const roleArn = 'arn:aws:iam::000000000000:role/r';
const aliasArn = 'arn:aws:iot:us-east-1:000000000000:rolealias/a';

async function setUp() {
  const clock = new VirtualClock(1000);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const place = { region: 'us-east-1', account: '000000000000' };
  const asked: string[] = [];
  const authorize = async (action: string, resource: string) => void asked.push(`${action} ${resource}`);
  const context = { authorize } as RequestContext;
  return { ...createRoleAliases({ store, clock, place, tagsFor: () => [] }), clock, asked, context };
}

test('a role alias is created, described, updated and deleted, with the documented defaults', async () => {
  const { operations, context, clock, asked } = await setUp();
  assert.deepEqual(await operations.createRoleAlias({ roleAlias: 'a', roleArn }, context), {
    roleAlias: 'a',
    roleAliasArn: aliasArn,
  });
  await clock.advance(5000);
  await operations.updateRoleAlias({ roleAlias: 'a', credentialDurationSeconds: 900 }, context);
  assert.deepEqual((await operations.describeRoleAlias({ roleAlias: 'a' }, context)).roleAliasDescription, {
    roleAlias: 'a',
    roleAliasArn: aliasArn,
    roleArn,
    owner: '000000000000',
    credentialDurationSeconds: 900,
    creationDate: new Date(1000),
    lastModifiedDate: new Date(6000),
  });
  assert.deepEqual(asked, [`iam:PassRole ${roleArn}`]);
  await operations.deleteRoleAlias({ roleAlias: 'a' }, context);
  for (const operation of ['describeRoleAlias', 'updateRoleAlias', 'deleteRoleAlias'] as const) {
    await assert.rejects(operations[operation]({ roleAlias: 'a' }, context), { code: 'ResourceNotFoundException' });
  }
});

test('an alias that is there, an ARN of no role and a role one may not pass are refused', async () => {
  const { operations, context, find } = await setUp();
  await operations.createRoleAlias({ roleAlias: 'a', roleArn }, context);
  await assert.rejects(operations.createRoleAlias({ roleAlias: 'a', roleArn }, context), {
    code: 'ResourceAlreadyExistsException',
    fields: { resourceId: 'a', resourceArn: aliasArn },
  });
  const user = 'arn:aws:iam::000000000000:user/ann';
  await assert.rejects(operations.createRoleAlias({ roleAlias: 'b', roleArn: user }, context), {
    code: 'InvalidRequestException',
  });
  const refusing = { ...context, authorize: () => Promise.reject(new ServiceError('AccessDeniedException', 'no')) };
  const other = `${roleArn}2`;
  await assert.rejects(operations.createRoleAlias({ roleAlias: 'b', roleArn }, refusing), { message: 'no' });
  await assert.rejects(operations.updateRoleAlias({ roleAlias: 'a', roleArn: other }, refusing), { message: 'no' });
  assert.equal((await find('a'))!.roleArn, roleArn);
});

test('there are at most 100 aliases, listed in pages in both directions', async () => {
  const { operations, context } = await setUp();
  const create = (n: number) => operations.createRoleAlias({ roleAlias: `a${100 + n}`, roleArn }, context);
  await Promise.all(Array.from({ length: 100 }, (_, n) => create(n)));
  await assert.rejects(create(100), { code: 'LimitExceededException' });
  const first = await operations.listRoleAliases({ ascendingOrder: true, pageSize: 60 }, context);
  const marker = first.nextMarker!;
  const rest = await operations.listRoleAliases({ ascendingOrder: true, pageSize: 60, marker }, context);
  assert.deepEqual([first.roleAliases![0], rest.roleAliases!.at(-1), rest.roleAliases!.length], ['a100', 'a199', 40]);
  assert.equal(rest.nextMarker, undefined);
  assert.equal((await operations.listRoleAliases({}, context)).roleAliases![0], 'a199');
  await assert.rejects(operations.listRoleAliases({ marker }, context), { code: 'InvalidRequestException' });
});
