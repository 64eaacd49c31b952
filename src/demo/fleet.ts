/**
 * What the demo makes on the server, and how it goes away again: things with certificates of their own, one policy
 * that allows a device just its part, and a rule. Every creation notes at once how it is undone, so that whatever
 * stops the demo half way, nothing is left.
 */
import { messageOf } from '../base/errors.ts';
import type { Api, Call } from './api-client.ts';

export interface FleetDevice {
  readonly thingName: string;
  /** PEM texts. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** Where a device of the fleet reports. */
export function climateTopic(prefix: string, thingName: string): string {
  return `${prefix}/climate/${thingName}`;
}

type Undo = () => Promise<unknown>;

export class FleetBuilder {
  readonly #api: Api;
  readonly #prefix: string;
  readonly #undo: Undo[] = [];

  /** `prefix` begins every name and topic; letters, digits and `_`. */
  constructor(api: Api, prefix: string) {
    this.#api = api;
    this.#prefix = prefix;
  }

  /** The policy of all devices: connect as itself, report on its own topic, use its own shadow. */
  async policy(): Promise<string> {
    const name = `${this.#prefix}_device`;
    const self = '$' + '{iot:Connection.Thing.ThingName}';
    const allow = (action: string, resource: string): object => ({
      Effect: 'Allow',
      Action: action,
      Resource: `arn:aws:iot:*:*:${resource}`,
    });
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        allow('iot:Connect', `client/${self}`),
        allow('iot:Publish', `topic/${climateTopic(this.#prefix, self)}`),
        allow('iot:Publish', `topic/$aws/things/${self}/shadow/*`),
        allow('iot:Subscribe', `topicfilter/$aws/things/${self}/shadow/*`),
        allow('iot:Subscribe', `topicfilter/${this.#prefix}/alarm`),
        allow('iot:Receive', '*'),
      ],
    });
    await this.#make(
      { service: 'iot', method: 'POST', path: `/policies/${name}`, body: { policyName: name, policyDocument } },
      { service: 'iot', method: 'DELETE', path: `/policies/${name}` },
    );
    return name;
  }

  /** A thing with a new certificate that has the policy. */
  async device(thingName: string, policyName: string): Promise<FleetDevice> {
    await this.#make(
      { service: 'iot', method: 'POST', path: `/things/${thingName}`, body: {} },
      { service: 'iot', method: 'DELETE', path: `/things/${thingName}` },
    );
    const made = await this.#api({ service: 'iot', method: 'POST', path: '/keys-and-certificate?setAsActive=true' });
    const { certificateArn, certificateId, certificatePem, keyPair } = made as {
      certificateArn: string;
      certificateId: string;
      certificatePem: string;
      keyPair: { PrivateKey: string };
    };
    this.#undo.push(async () => {
      await this.#api({ service: 'iot', method: 'PUT', path: `/certificates/${certificateId}?newStatus=INACTIVE` });
      await this.#api({ service: 'iot', method: 'DELETE', path: `/certificates/${certificateId}` });
    });
    await this.#make(
      { service: 'iot', method: 'PUT', path: `/target-policies/${policyName}`, body: { target: certificateArn } },
      { service: 'iot', method: 'POST', path: `/target-policies/${policyName}`, body: { target: certificateArn } },
    );
    const headers = { 'x-amzn-principal': certificateArn };
    await this.#make(
      { service: 'iot', method: 'PUT', path: `/things/${thingName}/principals`, headers },
      { service: 'iot', method: 'DELETE', path: `/things/${thingName}/principals`, headers },
    );
    return { thingName, certificate: certificatePem, privateKey: keyPair.PrivateKey };
  }

  /** Republishes every report above `limit` degrees. Returns the topic. */
  async alarm(limit: number): Promise<string> {
    const ruleName = `${this.#prefix}_too_warm`;
    const topic = `${this.#prefix}/alarm`;
    const sql = `SELECT temperature, topic(3) AS thing FROM '${climateTopic(this.#prefix, '+')}' WHERE temperature > ${limit}`;
    const republish = { topic, roleArn: 'arn:aws:iam::000000000000:role/demo', qos: 1 };
    await this.#make(
      {
        service: 'iot',
        method: 'POST',
        path: `/rules/${ruleName}`,
        body: { sql, awsIotSqlVersion: '2016-03-23', actions: [{ republish }] },
      },
      { service: 'iot', method: 'DELETE', path: `/rules/${ruleName}` },
    );
    return topic;
  }

  /** Notes that the thing has got a shadow, which goes before the thing. */
  hasShadow(thingName: string): void {
    this.#undo.push(() => this.#api({ service: 'iotdata', method: 'DELETE', path: `/things/${thingName}/shadow` }));
  }

  /** Nothing was made, or all of it is gone. */
  get isEmpty(): boolean {
    return this.#undo.length === 0;
  }

  /** Undoes everything, the last first, and says what could not be. Does nothing when called again. */
  async remove(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    return failures;
  }

  async #make(create: Call, remove: Call): Promise<void> {
    await this.#api(create);
    this.#undo.push(() => this.#api(remove));
  }
}
