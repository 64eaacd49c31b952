// Made from models/iotsecuretunneling.json by `npm run generate`. Do not edit.
import type { Handler } from '../operation.ts';

/** What an operation without input or output takes or returns. */
export type Nothing = Record<string, never>;

/** The handlers of the service, named as its operations. */
export interface IotSecureTunnelingOperations {
  readonly closeTunnel: Handler<CloseTunnelRequest, CloseTunnelResponse>;
  readonly describeTunnel: Handler<DescribeTunnelRequest, DescribeTunnelResponse>;
  readonly listTagsForResource: Handler<ListTagsForResourceRequest, ListTagsForResourceResponse>;
  readonly listTunnels: Handler<ListTunnelsRequest, ListTunnelsResponse>;
  readonly openTunnel: Handler<OpenTunnelRequest, OpenTunnelResponse>;
  readonly rotateTunnelAccessToken: Handler<RotateTunnelAccessTokenRequest, RotateTunnelAccessTokenResponse>;
  readonly tagResource: Handler<TagResourceRequest, TagResourceResponse>;
  readonly untagResource: Handler<UntagResourceRequest, UntagResourceResponse>;
}

export type AmazonResourceName = string;

export type ClientAccessToken = string;

export type ClientMode = 'SOURCE' | 'DESTINATION' | 'ALL';

export interface CloseTunnelRequest {
  readonly delete?: DeleteFlag;
  readonly tunnelId: TunnelId;
}

export type CloseTunnelResponse = Nothing;

export interface ConnectionState {
  readonly lastUpdatedAt?: DateType;
  readonly status?: ConnectionStatus;
}

export type ConnectionStatus = 'CONNECTED' | 'DISCONNECTED';

export type DateType = Date;

export type DeleteFlag = boolean;

export interface DescribeTunnelRequest {
  readonly tunnelId: TunnelId;
}

export interface DescribeTunnelResponse {
  readonly tunnel?: Tunnel;
}

export type Description = string;

export interface DestinationConfig {
  readonly services: ServiceList;
  readonly thingName?: ThingName;
}

export type ErrorMessage = string;

export interface LimitExceededException {
  readonly message?: ErrorMessage;
}

export interface ListTagsForResourceRequest {
  readonly resourceArn: AmazonResourceName;
}

export interface ListTagsForResourceResponse {
  readonly tags?: TagList;
}

export interface ListTunnelsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly thingName?: ThingName;
}

export interface ListTunnelsResponse {
  readonly nextToken?: NextToken;
  readonly tunnelSummaries?: TunnelSummaryList;
}

export type MaxResults = number;

export type NextToken = string;

export interface OpenTunnelRequest {
  readonly description?: Description;
  readonly destinationConfig?: DestinationConfig;
  readonly tags?: TagList;
  readonly timeoutConfig?: TimeoutConfig;
}

export interface OpenTunnelResponse {
  readonly destinationAccessToken?: ClientAccessToken;
  readonly sourceAccessToken?: ClientAccessToken;
  readonly tunnelArn?: TunnelArn;
  readonly tunnelId?: TunnelId;
}

export interface ResourceNotFoundException {
  readonly message?: ErrorMessage;
}

export interface RotateTunnelAccessTokenRequest {
  readonly clientMode: ClientMode;
  readonly destinationConfig?: DestinationConfig;
  readonly tunnelId: TunnelId;
}

export interface RotateTunnelAccessTokenResponse {
  readonly destinationAccessToken?: ClientAccessToken;
  readonly sourceAccessToken?: ClientAccessToken;
  readonly tunnelArn?: TunnelArn;
}

export type Service = string;

export type ServiceList = readonly Service[];

export interface Tag {
  readonly key: TagKey;
  readonly value: TagValue;
}

export type TagKey = string;

export type TagKeyList = readonly TagKey[];

export type TagList = readonly Tag[];

export interface TagResourceRequest {
  readonly resourceArn: AmazonResourceName;
  readonly tags: TagList;
}

export type TagResourceResponse = Nothing;

export type TagValue = string;

export type ThingName = string;

export interface TimeoutConfig {
  readonly maxLifetimeTimeoutMinutes?: TimeoutInMin;
}

export type TimeoutInMin = number;

export interface Tunnel {
  readonly createdAt?: DateType;
  readonly description?: Description;
  readonly destinationConfig?: DestinationConfig;
  readonly destinationConnectionState?: ConnectionState;
  readonly lastUpdatedAt?: DateType;
  readonly sourceConnectionState?: ConnectionState;
  readonly status?: TunnelStatus;
  readonly tags?: TagList;
  readonly timeoutConfig?: TimeoutConfig;
  readonly tunnelArn?: TunnelArn;
  readonly tunnelId?: TunnelId;
}

export type TunnelArn = string;

export type TunnelId = string;

export type TunnelStatus = 'OPEN' | 'CLOSED';

export interface TunnelSummary {
  readonly createdAt?: DateType;
  readonly description?: Description;
  readonly lastUpdatedAt?: DateType;
  readonly status?: TunnelStatus;
  readonly tunnelArn?: TunnelArn;
  readonly tunnelId?: TunnelId;
}

export type TunnelSummaryList = readonly TunnelSummary[];

export interface UntagResourceRequest {
  readonly resourceArn: AmazonResourceName;
  readonly tagKeys: TagKeyList;
}

export type UntagResourceResponse = Nothing;
