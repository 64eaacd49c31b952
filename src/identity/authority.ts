/**
 * May it? The decisions of policies as the broker and the gateway ask for them: synchronous, because policies of a
 * connected principal are kept in memory.
 */
import type { Principal } from './principal.ts';

/** What is known of a connection or request when its policies are asked. */
export interface Circumstances {
  /** Absent on HTTP: variables of the client and its thing then do not resolve. */
  readonly clientId?: string;
  readonly sourceIp: string;
  /** True over TLS. */
  readonly secure: boolean;
  /** `iot:ConnectAttributes`, set while a CONNECT is judged. */
  readonly connectAttributes?: readonly ('PersistentConnect' | 'LastWill')[];
  /** The thing a request names as its own, where there is no client id: that of the credential provider. */
  readonly thingName?: string;
  /** `aws:RequestTag/…`: the tags that a request would give. */
  readonly requestTags?: Readonly<Record<string, string>>;
}

export interface Authority {
  readonly principal: Principal;
  /** Another number whenever a decision may have changed: whoever caches decisions drops them then. */
  readonly epoch: number;
  /**
   * `action` as `iot:Publish`; `resource` without the ARN's head, as `topic/a/b` (policies.md section 3). A no is
   * explained to the operator by the authority itself (`denials.ts`).
   */
  allows(action: string, resource: string): boolean;
  /** The connection is gone; its policies need not be kept fresh any more. */
  release(): void;
}

/** What policies need to know of things and their groups; the registry provides it. */
export interface ThingDirectory {
  /** The thing of a connection (policies.md section 5, "Thing association"). */
  associatedThing(principalArn: string, clientId: string): Promise<AssociatedThing | undefined>;
  /** Whether any thing is attached to the principal: such a certificate cannot be deleted. */
  hasThings(principalArn: string): Promise<boolean>;
  /** The ARNs of the static groups that the thing is in and of all groups above them; undefined without such a thing. */
  groupsOf(thingName: string): Promise<readonly string[] | undefined>;
  /** The group of an ARN; undefined when there is none. */
  thingGroup(arn: string): Promise<DirectoryGroup | undefined>;
  /** Calls `listener` after a change of a thing, of its attachments or of its groups; returns how to stop. */
  onChange(listener: (change: ThingChange) => void): () => void;
}

export interface DirectoryGroup {
  /** Filled by a query: no policy can be attached to it. */
  readonly isDynamic: boolean;
  /** From the root of its hierarchy to the group itself. */
  readonly lineageArns: readonly string[];
}

export interface ThingChange {
  readonly thingName: string;
  /** Of a change of an attachment: whom the thing was attached to, or detached from. */
  readonly principal?: string;
}

export interface AssociatedThing {
  readonly thingName: string;
  readonly thingTypeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly isAttached: boolean;
  /** Attached as EXCLUSIVE_THING: only then lifecycle events carry the name. */
  readonly isExclusive: boolean;
  /** As `groupsOf`; none unless it is attached. */
  readonly groupArns: readonly string[];
}
