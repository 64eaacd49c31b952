/** Who is asking: the outcome of authentication, the same for MQTT and HTTP. */

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

export type Principal = CertificatePrincipal | UserPrincipal | RolePrincipal | AnonymousPrincipal;

export const anonymous: AnonymousPrincipal = { kind: 'anonymous', id: 'anonymous', arn: 'anonymous' };
