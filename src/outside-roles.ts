/**
 * Roles of an STS elsewhere (AWS's, or one that is compatible): the credential provider then hands out its credentials in
 * the place of our own. One call, AssumeRole of the Query protocol, signed with the configured key. `server.ts` makes it.
 */
import type { Clock } from './base/clock.ts';
import { messageOf, ServiceError } from './base/errors.ts';
import { type OutsideRoles, signV4 } from './identity/identity.ts';

export interface OutsideRolesOptions {
  /** URL of the STS. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Real time, which is signed. */
  readonly clock: Clock;
}

const WITHIN_MS = 10_000;
const VERSION = '2011-06-15';

export function createOutsideRoles({ endpoint, region, clock, ...credentials }: OutsideRolesOptions): OutsideRoles {
  return {
    assume: async ({ roleArn, sessionName, durationSeconds }) => {
      const url = new URL(endpoint);
      const body = new URLSearchParams({
        Action: 'AssumeRole',
        Version: VERSION,
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        DurationSeconds: String(durationSeconds),
      }).toString();
      const headers = { host: url.host, 'content-type': 'application/x-www-form-urlencoded' };
      const signature = signV4(
        {
          method: 'POST',
          rawPath: url.pathname,
          rawQuery: url.search.slice(1),
          headers: Object.entries(headers),
          body: Buffer.from(body),
        },
        credentials,
        { region, service: 'sts', nowMs: clock.now() },
      );
      return credentialsIn(await post(url, { ...headers, ...signature }, body));
    },
  };
}

/** The answer's text. What the STS refuses is refused to the device too; what it cannot do now, a device tries again. */
async function post(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(WITHIN_MS) });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unavailable(`the STS at ${url.origin} cannot be reached: ${messageOf(error)}`);
  }
  if (status >= 500) throw unavailable(`the STS at ${url.origin} answered ${status}`);
  if (status !== 200) {
    const detail = `the STS at ${url.origin} refused: ${element(text, 'Code') ?? status} ${element(text, 'Message') ?? ''}`;
    throw new ServiceError('AccessDeniedException', 'Access Denied', { detail });
  }
  return text;
}

function credentialsIn(xml: string) {
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => element(xml, name) ?? '');
  const expiresMs = Date.parse(expiration);
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresMs)) {
    throw unavailable('the STS answered without credentials');
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiresMs };
}

/** The text of the first element of the name; enough for the flat answers of STS. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}

function unavailable(detail: string): ServiceError {
  return new ServiceError('ServiceUnavailableException', 'The service is temporarily unavailable.', { detail });
}
