// Made from models/iot-data.json by `npm run generate`. Do not edit.
import type { Handler } from '../operation.ts';
import type { JsonValue } from '../json.ts';

/** What an operation without input or output takes or returns. */
export type Nothing = Record<string, never>;

/** The handlers of the service, named as its operations. */
export interface IotDataOperations {
  readonly deleteConnection: Handler<DeleteConnectionRequest, Nothing>;
  readonly deleteThingShadow: Handler<DeleteThingShadowRequest, DeleteThingShadowResponse>;
  readonly getConnection: Handler<GetConnectionRequest, GetConnectionResponse>;
  readonly getRetainedMessage: Handler<GetRetainedMessageRequest, GetRetainedMessageResponse>;
  readonly getThingShadow: Handler<GetThingShadowRequest, GetThingShadowResponse>;
  readonly listNamedShadowsForThing: Handler<ListNamedShadowsForThingRequest, ListNamedShadowsForThingResponse>;
  readonly listRetainedMessages: Handler<ListRetainedMessagesRequest, ListRetainedMessagesResponse>;
  readonly listSubscriptions: Handler<ListSubscriptionsRequest, ListSubscriptionsResponse>;
  readonly publish: Handler<PublishRequest, Nothing>;
  readonly sendDirectMessage: Handler<SendDirectMessageRequest, SendDirectMessageResponse>;
  readonly updateThingShadow: Handler<UpdateThingShadowRequest, UpdateThingShadowResponse>;
}

export type CleanSession = boolean;

export type ClientId = string;

export interface ConflictException {
  readonly message?: errorMessage;
}

export type ContentType = string;

export type CorrelationData = string;

export type DataBoolean = boolean;

export type DataInteger = number;

export type DataLong = number;

export interface DeleteConnectionRequest {
  readonly cleanSession?: CleanSession;
  readonly clientId: ClientId;
  readonly preventWillMessage?: PreventWillMessage;
}

export interface DeleteThingShadowRequest {
  readonly shadowName?: ShadowName;
  readonly thingName: ThingName;
}

export interface DeleteThingShadowResponse {
  readonly payload: JsonDocument;
}

export type DirectTimeout = number;

export interface ForbiddenException {
  readonly message?: errorMessage;
}

export interface GatewayTimeoutException {
  readonly message?: errorMessage;
}

export interface GetConnectionRequest {
  readonly clientId: ClientId;
  readonly includeSocketInformation?: DataBoolean;
}

export interface GetConnectionResponse {
  readonly cleanSession?: DataBoolean;
  readonly clientId?: ThingString;
  readonly connected?: DataBoolean;
  readonly connectedSince?: DataLong;
  readonly disconnectReason?: ThingString;
  readonly disconnectedSince?: DataLong;
  readonly keepAliveDuration?: DataInteger;
  readonly sessionExpiry?: DataLong;
  readonly sourceIp?: ThingString;
  readonly sourcePort?: DataInteger;
  readonly targetIp?: ThingString;
  readonly targetPort?: DataInteger;
  readonly thingName?: ThingString;
  readonly vpcEndpointId?: ThingString;
}

export interface GetRetainedMessageRequest {
  readonly topic: Topic;
}

export interface GetRetainedMessageResponse {
  readonly lastModifiedTime?: Timestamp;
  readonly payload?: Payload;
  readonly qos?: Qos;
  readonly topic?: Topic;
  readonly userProperties?: UserPropertiesBlob;
}

export interface GetThingShadowRequest {
  readonly shadowName?: ShadowName;
  readonly thingName: ThingName;
}

export interface GetThingShadowResponse {
  readonly payload?: JsonDocument;
}

export interface InternalFailureException {
  readonly message?: errorMessage;
}

export interface InvalidRequestException {
  readonly message?: errorMessage;
}

export type JsonDocument = Buffer;

export interface ListNamedShadowsForThingRequest {
  readonly nextToken?: NextToken;
  readonly pageSize?: PageSize;
  readonly thingName: ThingName;
}

export interface ListNamedShadowsForThingResponse {
  readonly nextToken?: NextToken;
  readonly results?: NamedShadowList;
  readonly timestamp?: Timestamp;
}

export interface ListRetainedMessagesRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListRetainedMessagesResponse {
  readonly nextToken?: NextToken;
  readonly retainedTopics?: RetainedMessageList;
}

export interface ListSubscriptionsRequest {
  readonly clientId: ClientId;
  readonly maxResults?: DataInteger;
  readonly nextToken?: ThingString;
}

export interface ListSubscriptionsResponse {
  readonly nextToken?: ThingString;
  readonly subscriptions?: SubscriptionSummaryList;
}

export type MaxResults = number;

export type MessageExpiry = number;

export interface MethodNotAllowedException {
  readonly message?: errorMessage;
}

export type NamedShadowList = readonly ShadowName[];

export type NextToken = string;

export type PageSize = number;

export type Payload = Buffer;

export type PayloadFormatIndicator = 'UNSPECIFIED_BYTES' | 'UTF8_DATA';

export type PayloadSize = number;

export type PreventWillMessage = boolean;

export interface PublishRequest {
  readonly contentType?: ContentType;
  readonly correlationData?: CorrelationData;
  readonly messageExpiry?: MessageExpiry;
  readonly payload?: Payload;
  readonly payloadFormatIndicator?: PayloadFormatIndicator;
  readonly qos?: Qos;
  readonly responseTopic?: ResponseTopic;
  readonly retain?: Retain;
  readonly topic: Topic;
  readonly userProperties?: JsonValue;
}

export type Qos = number;

export interface RequestEntityTooLargeException {
  readonly message?: errorMessage;
}

export interface ResourceNotFoundException {
  readonly message?: errorMessage;
}

export type ResponseTopic = string;

export type Retain = boolean;

export type RetainedMessageList = readonly RetainedMessageSummary[];

export interface RetainedMessageSummary {
  readonly lastModifiedTime?: Timestamp;
  readonly payloadSize?: PayloadSize;
  readonly qos?: Qos;
  readonly topic?: Topic;
}

export interface SendDirectMessageRequest {
  readonly clientId: ClientId;
  readonly confirmation?: DataBoolean;
  readonly contentType?: ThingString;
  readonly correlationData?: CorrelationData;
  readonly payload?: Payload;
  readonly payloadFormatIndicator?: PayloadFormatIndicator;
  readonly responseTopic?: ThingString;
  readonly timeout?: DirectTimeout;
  readonly topic: ThingString;
  readonly userProperties?: JsonValue;
}

export interface SendDirectMessageResponse {
  readonly message?: ThingString;
  readonly traceId?: ThingString;
}

export interface ServiceUnavailableException {
  readonly message?: errorMessage;
}

export type ShadowName = string;

export interface SubscriptionSummary {
  readonly qos: DataInteger;
  readonly topicFilter: ThingString;
}

export type SubscriptionSummaryList = readonly SubscriptionSummary[];

export type ThingName = string;

export type ThingString = string;

export interface ThrottlingException {
  readonly message?: errorMessage;
}

export type Timestamp = number;

export type Topic = string;

export interface UnauthorizedException {
  readonly message?: errorMessage;
}

export interface UnsupportedDocumentEncodingException {
  readonly message?: errorMessage;
}

export interface UpdateThingShadowRequest {
  readonly payload: JsonDocument;
  readonly shadowName?: ShadowName;
  readonly thingName: ThingName;
}

export interface UpdateThingShadowResponse {
  readonly payload?: JsonDocument;
}

export type UserProperties = string;

export type UserPropertiesBlob = Buffer;

export type errorMessage = string;
