/** Event messages, switched on through the SDK and seen as whoever subscribes sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateThingCommand,
  CreateThingGroupCommand,
  DescribeEventConfigurationsCommand,
  UpdateEventConfigurationsCommand,
} from '@aws-sdk/client-iot';
import { startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

before(async () => {
  platform = await startPlatform();
});
after(() => platform.stop());

test('a kind of event is published once it is switched on', async () => {
  const { eventConfigurations } = await send(new DescribeEventConfigurationsCommand({}));
  assert.deepEqual(eventConfigurations?.THING, { Enabled: false });
  const seen = platform.server.record('$aws/events/#');
  await send(new CreateThingCommand({ thingName: 'unseen' }));
  await send(new UpdateEventConfigurationsCommand({ eventConfigurations: { THING: { Enabled: true } } }));
  const described = await send(new DescribeEventConfigurationsCommand({}));
  assert.deepEqual(described.eventConfigurations?.THING, { Enabled: true });
  assert.ok(described.lastModifiedDate instanceof Date);
  const message = platform.server.nextMessage('$aws/events/thing/+/created');
  await send(new CreateThingGroupCommand({ thingGroupName: 'hall' }));
  const { thingId } = await send(new CreateThingCommand({ thingName: 'lamp' }));
  const { topic, payload } = await message;
  assert.equal(topic, '$aws/events/thing/lamp/created');
  const { eventType, operation, accountId, ...event } = JSON.parse(String(payload));
  assert.deepEqual([eventType, operation, accountId], ['THING_EVENT', 'CREATED', '000000000000']);
  assert.equal(event.thingId, thingId);
  seen.stop();
  assert.deepEqual(
    seen.messages.map((one) => one.topic),
    ['$aws/events/thing/lamp/created'],
  );
});
