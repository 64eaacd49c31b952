/**
 * Sessions of roles: temporary credentials, issued and recognised again. Whoever calls `issue` has decided that the
 * session may be; `find` is the verifier's way from an access key id and a token to a secret and a principal. Nothing of a
 * session is stored: its token holds it (`session-token.ts`).
 */
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { AccessKey, AccessRecords, RoleRecord } from './access-records.ts';
import type { RolePrincipal } from './principal.ts';
import { createSessionTokens, type Session } from './session-token.ts';
import { newSecret, uniqueId } from './unique-id.ts';

export interface RoleSessionsDeps {
  readonly records: AccessRecords;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 bytes that seal the tokens. */
  readonly tokenKey: Buffer;
}

export interface SessionRequest {
  readonly roleName: string;
  readonly role: RoleRecord;
  readonly sessionName: string;
  readonly durationSeconds: number;
  /** Condition keys, normalised. */
  readonly context?: Readonly<Record<string, string>>;
  /** A document that was parsed before. */
  readonly policy?: string;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
  readonly principal: RolePrincipal;
}

export interface RoleSessions {
  issue(request: SessionRequest): TemporaryCredentials;
  /** Undefined when the token is not the key's, or its role is gone. Throws ExpiredTokenException. */
  find(accessKeyId: string, sessionToken: string): Promise<AccessKey | undefined>;
}

export function createRoleSessions({ records, clock, random, tokenKey }: RoleSessionsDeps): RoleSessions {
  const tokens = createSessionTokens(tokenKey, random);

  const principalOf = (accessKeyId: string, session: Session, roleArn: string): RolePrincipal => ({
    kind: 'role',
    id: `${session.roleId}:${session.sessionName}`,
    arn: `arn:aws:sts::${records.account}:assumed-role/${session.roleName}/${session.sessionName}`,
    roleArn,
    accessKeyId,
    issuedMs: session.issuedMs,
    context: session.context,
    ...(session.policy !== undefined && { sessionPolicy: session.policy }),
  });

  return {
    issue: ({ roleName, role, sessionName, durationSeconds, context = {}, policy }) => {
      const accessKeyId = uniqueId('ASIA', random);
      // Whole seconds: that is what clients are told.
      const issuedMs = Math.floor(clock.now() / 1000) * 1000;
      const session: Session = {
        secretAccessKey: newSecret(random),
        roleName,
        roleId: role.roleId,
        sessionName,
        issuedMs,
        expiresMs: issuedMs + durationSeconds * 1000,
        context,
        ...(policy !== undefined && { policy }),
      };
      return {
        accessKeyId,
        secretAccessKey: session.secretAccessKey,
        sessionToken: tokens.seal(accessKeyId, session),
        expiresMs: session.expiresMs,
        principal: principalOf(accessKeyId, session, records.roleArn(roleName, role)),
      };
    },
    find: async (accessKeyId, sessionToken) => {
      const session = tokens.open(accessKeyId, sessionToken);
      if (!session) return undefined;
      if (clock.now() >= session.expiresMs) {
        throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired');
      }
      const role = await records.roles.get(session.roleName);
      if (role?.value.roleId !== session.roleId) return undefined;
      const principal = principalOf(accessKeyId, session, records.roleArn(session.roleName, role.value));
      return { accessKeyId, secretAccessKey: session.secretAccessKey, status: 'Active', principal };
    },
  };
}
