/**
 * What the audit log learns of a call of the control plane: who did what, when, from where, and what came of it. Made by
 * the fronts and given to whatever keeps it. Never holds what was sent or answered, which may be secret.
 */
import type { IncomingMessage } from 'node:http';
import type { Principal } from '../identity/principal.ts';
import type { Reply } from './encode.ts';

export interface AuditEvent {
  /** ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  /** As `iot`, `iam`, `credentials`. */
  readonly service: string;
  readonly operation: string;
  /** ARNs, as the policies were asked about them. */
  readonly resources: readonly string[];
  /** Absent when nobody was authenticated. */
  readonly principal?: {
    readonly kind: Principal['kind'];
    readonly id: string;
    readonly arn: string;
    readonly accessKeyId?: string;
  };
  readonly sourceIp: string;
  /** Came over TLS. */
  readonly secure: boolean;
  readonly userAgent?: string;
  readonly status: number;
  /** The error's code; absent for a success. */
  readonly error?: string;
}

interface Call extends Pick<AuditEvent, 'requestId' | 'service' | 'operation' | 'resources'> {
  readonly request: IncomingMessage;
  readonly facts: Pick<AuditEvent, 'sourceIp' | 'secure'>;
  readonly principal: Principal | undefined;
  readonly reply: Reply;
  readonly nowMs: number;
}

/** A client may write anything there. */
const LONGEST_USER_AGENT = 256;

export function auditEvent({ request, facts, principal, reply, nowMs, ...call }: Call): AuditEvent {
  const userAgent = request.headers['user-agent']?.slice(0, LONGEST_USER_AGENT);
  const error = reply.status < 400 ? undefined : reply.headers['x-amzn-errortype'];
  return {
    time: new Date(nowMs).toISOString(),
    requestId: call.requestId,
    service: call.service,
    operation: call.operation,
    resources: call.resources,
    ...(principal && { principal: identityOf(principal) }),
    sourceIp: facts.sourceIp,
    secure: facts.secure,
    ...(userAgent !== undefined && { userAgent }),
    status: reply.status,
    ...(error !== undefined && { error }),
  };
}

function identityOf(principal: Principal): NonNullable<AuditEvent['principal']> {
  const { kind, id, arn } = principal;
  return { kind, id, arn, ...('accessKeyId' in principal && { accessKeyId: principal.accessKeyId }) };
}
