/**
 * The data plane operations about one client (gateway-broker.md section 8): how it is connected, what it subscribed to,
 * a message to it alone, and its end.
 */
import type {
  GetConnectionResponse,
  IotDataOperations,
  ListSubscriptionsRequest,
  ListSubscriptionsResponse,
  SendDirectMessageRequest,
  SendDirectMessageResponse,
} from '../api/generated/iot-data.ts';
import type { RequestContext } from '../api/operation.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest, notFound, ServiceError } from '../base/errors.ts';
import { isValidTopic, ReasonCode } from '../mqtt/mqtt.ts';
import type { Client } from './connection.ts';
import type { Core } from './core.ts';
import type { Message } from './message.ts';
import type { Profile } from './profile.ts';
import { propertiesOf } from './publish-input.ts';

export type ConnectionOperations = Pick<
  IotDataOperations,
  'getConnection' | 'listSubscriptions' | 'sendDirectMessage' | 'deleteConnection'
>;

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;
/** Seconds that a confirmation is waited for unless the caller says otherwise. */
const DEFAULT_TIMEOUT = 5;

export function createConnectionOperations(core: Core, profile: Profile, place: Place): ConnectionOperations {
  const authorize = async (context: RequestContext, action: string, clientId: string): Promise<void> => {
    await context.authorize(action, iotArn(place, `client/${clientId}`));
    if (clientId.startsWith('$')) throw invalidRequest('Client ids that begin with $ are reserved');
  };
  return {
    async getConnection({ clientId, includeSocketInformation }, context) {
      await authorize(context, 'iot:GetConnection', clientId);
      return describe(core, clientId, includeSocketInformation === true);
    },

    async listSubscriptions(input, context) {
      await authorize(context, 'iot:ListSubscriptions', input.clientId);
      return listSubscriptions(core, input);
    },

    async sendDirectMessage(input, context) {
      await authorize(context, 'iot:SendDirectMessage', input.clientId);
      return sendDirectMessage(core, profile, input, context);
    },

    async deleteConnection({ clientId, cleanSession, preventWillMessage }, context) {
      await authorize(context, 'iot:DeleteConnection', clientId);
      const connection = core.clients.get(clientId);
      const session = core.sessions.get(clientId);
      if (!connection && !session) throw unknownClient(clientId);
      if (preventWillMessage) {
        if (connection) connection.will = undefined;
        session?.cancelWill();
      }
      connection?.close('API_INITIATED_DISCONNECT', ReasonCode.administrativeAction, 'ended by DeleteConnection');
      if (cleanSession && session) await core.store.commit(core.sessions.end(session));
      return {};
    },
  };
}

function describe(core: Core, clientId: string, withSocket: boolean): GetConnectionResponse {
  const connection = core.clients.get(clientId);
  const session = core.sessions.get(clientId);
  const lastEnd = core.presences.lastEnd(clientId);
  if (connection?.client === undefined) {
    if (!session && !lastEnd) throw unknownClient(clientId);
    return {
      clientId,
      connected: false,
      ...(session && { cleanSession: false, sessionExpiry: session.expirySeconds }),
      ...(lastEnd && { disconnectedSince: lastEnd.at, disconnectReason: lastEnd.reason }),
    };
  }
  const { client, door, keepAlive } = connection;
  const { thingName } = client.subject;
  return {
    clientId,
    connected: true,
    ...(thingName !== undefined && { thingName }),
    cleanSession: client.cleanStart,
    keepAliveDuration: keepAlive,
    sessionExpiry: client.session.expirySeconds,
    connectedSince: client.connectedAt,
    ...(withSocket && { sourceIp: door.sourceIp, ...door.socket }),
  };
}

function listSubscriptions(core: Core, input: ListSubscriptionsRequest): ListSubscriptionsResponse {
  const { clientId, maxResults = DEFAULT_PAGE, nextToken } = input;
  if (maxResults < 1 || maxResults > LARGEST_PAGE)
    throw invalidRequest(`maxResults must be between 1 and ${LARGEST_PAGE}`);
  const session = core.sessions.get(clientId);
  if (!session) throw unknownClient(clientId);
  const after = nextToken === undefined ? '' : filterOf(nextToken);
  const following = [...session.subscriptions.values()]
    .filter(({ filter }) => filter > after)
    .sort((a, b) => (a.filter < b.filter ? -1 : 1));
  const page = following.slice(0, maxResults);
  const last = page.at(-1);
  return {
    subscriptions: page.map(({ filter, qos }) => ({ topicFilter: filter, qos })),
    ...(following.length > maxResults && last && { nextToken: Buffer.from(last.filter).toString('base64url') }),
  };
}

/** The client needs no subscription. Without confirmation the message goes as QoS 0, with it as QoS 1. */
async function sendDirectMessage(
  core: Core,
  profile: Profile,
  input: SendDirectMessageRequest,
  context: RequestContext,
): Promise<SendDirectMessageResponse> {
  const { clientId, topic, payload = Buffer.alloc(0), confirmation = false, timeout = DEFAULT_TIMEOUT } = input;
  if (!isValidTopic(topic) || topic.startsWith('$')) throw invalidRequest(`'${topic}' is not a topic to send to`);
  const { payloadBytes } = profile.limits;
  if (payload.length > payloadBytes) {
    throw new ServiceError('RequestEntityTooLargeException', `The payload is larger than ${payloadBytes} bytes`);
  }
  const properties = propertiesOf(input, profile);
  const client = core.clients.get(clientId)?.client;
  if (!client) throw notFound(`Client '${clientId}' is not connected`);
  const message: Message = {
    topic,
    payload,
    qos: confirmation ? 1 : 0,
    retain: false,
    timestamp: core.clock.now(),
    ...(properties && { properties }),
    publisher: { principal: context.principal.id, sourceIp: context.sourceIp, protocol: 'HTTP' },
  };
  if (!client.sender.mayReceive(topic)) throw new ServiceError('ForbiddenException', 'Forbidden');
  if (confirmation) await confirmed(core, client, message, timeout);
  else client.sender.sendUnconfirmed(message);
  return { message: 'OK', traceId: context.requestId };
}

/** Resolves when the client has acknowledged the message. */
async function confirmed(core: Core, client: Client, message: Message, timeoutSeconds: number): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const timer = core.clock.after(timeoutSeconds * 1000, () => resolve(false));
    const isSent = client.sender.sendDirect(message, (isSettled) => {
      timer.cancel();
      resolve(isSettled);
    });
    if (isSent) return;
    timer.cancel();
    resolve(false);
  });
  if (!isTaken) {
    const detail = `Client '${client.clientId}' did not acknowledge the message within ${timeoutSeconds} seconds`;
    throw new ServiceError('GatewayTimeoutException', detail);
  }
}

function unknownClient(clientId: string): ServiceError {
  return notFound(`No connection and no session of client '${clientId}' exists`);
}

function filterOf(token: string): string {
  const filter = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(filter).toString('base64url') !== token) throw invalidRequest('Invalid nextToken');
  return filter;
}
