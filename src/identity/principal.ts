/** Who is asking: the outcome of authentication, the same for MQTT and HTTP. */
import type { NamedDocument } from './policy-decision.ts';

export interface CertificatePrincipal {
  readonly kind: 'certificate';
  /** The certificate id: lower-case hex SHA-256 of the DER. */
  readonly id: string;
  /** `arn:aws:iot:<region>:<account>:cert/<id>`; what policies and things are attached to. */
  readonly arn: string;
}

export interface UserPrincipal {
  readonly kind: 'user';
  /** The unique id shown in events, `AIDA…`. */
  readonly id: string;
  /** `arn:aws:iam::<account>:user/<name>`. */
  readonly arn: string;
  readonly accessKeyId: string;
  /** The key made at the first start: no policy restricts it. */
  readonly isAdmin: boolean;
}

/** Somebody with temporary credentials of a role. */
export interface RolePrincipal {
  readonly kind: 'role';
  /** `AROA…:<session name>`. */
  readonly id: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session name>`. */
  readonly arn: string;
  /** `arn:aws:iam::<account>:role/<role>`: whose policies count. */
  readonly roleArn: string;
  /** `ASIA…`, of these credentials alone. */
  readonly accessKeyId: string;
  readonly issuedMs: number;
  /** Condition keys of the session, in lower case. */
  readonly context: Readonly<Record<string, string>>;
  /** A policy document that must allow too what the role's policies allow. */
  readonly sessionPolicy?: string;
}

/** A client of the plain MQTT port, which authenticates nobody. */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous';
  readonly id: 'anonymous';
  readonly arn: 'anonymous';
}

/** A client that a custom authorizer let in. One object for each connection, compared by identity. */
export interface CustomPrincipal {
  readonly kind: 'custom';
  /** `principalId` of the authorizer's answer. */
  readonly id: string;
  /** `<arn of the authorizer>/<id>`, or the ARN of the certificate. */
  readonly arn: string;
  /** Only where a certificate was demanded besides: its policies count too. */
  readonly certificate?: CertificatePrincipal;
  readonly grant: PolicyGrant;
}

/** Policies that belong to one connection, as its authorizer last gave them. */
export interface PolicyGrant {
  readonly documents: readonly NamedDocument[];
  /** Calls `listener` after the documents were replaced; whoever replaces them waits for it. Returns how to stop. */
  onChange(listener: () => Promise<void>): () => void;
}

export type Principal = CertificatePrincipal | UserPrincipal | RolePrincipal | CustomPrincipal | AnonymousPrincipal;

export const anonymous: AnonymousPrincipal = { kind: 'anonymous', id: 'anonymous', arn: 'anonymous' };
