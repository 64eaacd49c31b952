/** The policy of a thing group decides over a connected device the moment its thing joins or leaves. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  CreatePolicyCommand,
  CreateThingGroupCommand,
  RemoveThingFromThingGroupCommand,
} from '@aws-sdk/client-iot';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Device, type Fleet, makeDevice, startFleet } from './fleet.ts';

let fleet: Fleet;
let lamp: Device;

function allow(...statements: [action: string, resource: string][]): string {
  const Statement = statements.map(([Action, resource]) => ({
    Effect: 'Allow',
    Action,
    Resource: `arn:aws:iot:us-east-1:000000000000:${resource}`,
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function connect(): Promise<MqttClient> {
  return connectAsync(`mqtts://localhost:${fleet.ports.mqtts}`, {
    ca: fleet.ca,
    cert: lamp.certificatePem,
    key: lamp.privateKey,
    clientId: 'lamp',
    reconnectPeriod: 0,
  });
}

before(async () => {
  fleet = await startFleet();
  lamp = await makeDevice(fleet, 'lamp', allow(['iot:Connect', 'client/lamp']));
  const { control } = fleet;
  await control.send(new CreateThingGroupCommand({ thingGroupName: 'house' }));
  await control.send(new CreateThingGroupCommand({ thingGroupName: 'hall', parentGroupName: 'house' }));
  const policyDocument = allow(['iot:Publish', 'topic/hall/${iot:Connection.Thing.ThingName}']);
  await control.send(new CreatePolicyCommand({ policyName: 'house', policyDocument }));
  const target = 'arn:aws:iot:us-east-1:000000000000:thinggroup/house';
  await control.send(new AttachPolicyCommand({ policyName: 'house', target }));
});
after(() => fleet.stop());

test('a device gains the rights of the group above the one its thing joins, and loses them with it', async () => {
  const membership = { thingName: 'lamp', thingGroupName: 'hall' };
  const client = await connect();
  await fleet.control.send(new AddThingToThingGroupCommand(membership));
  const message = fleet.server.nextMessage('hall/lamp');
  await client.publishAsync('hall/lamp', 'on', { qos: 1 });
  assert.equal(String((await message).payload), 'on');
  await fleet.control.send(new RemoveThingFromThingGroupCommand(membership));
  const closed = new Promise<void>((resolve) => {
    client.once('close', () => resolve());
  });
  client.publish('hall/lamp', 'off', { qos: 1 }, () => undefined);
  await closed;
  client.end(true);
});
