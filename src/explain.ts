/**
 * `tsunagu explain`: asks a running server why it refused something, and puts the answer into words. A client of the
 * operator's endpoint like any other: signs with the admin key when it has one, which servers on loopback do not need.
 */
import type { Clock } from './base/clock.ts';
import { messageOf } from './base/errors.ts';
import type { ExplainConfig } from './config.ts';
import { signV4 } from './identity/identity.ts';
import type { Denial, Explanation } from './identity/refusal.ts';

/** What a user is told instead of a stack. */
export class ExplainError extends Error {
  override readonly name = 'ExplainError';
}

/** The newest refusals. @throws ExplainError when the server cannot be asked or does not answer. */
export async function fetchDenials(
  config: ExplainConfig & { readonly clientId?: string },
  clock: Clock,
): Promise<readonly Denial[]> {
  const url = new URL('/_tsunagu/denials', config.endpoint);
  url.searchParams.set('limit', String(config.limit));
  if (config.clientId !== undefined) url.searchParams.set('clientId', config.clientId);
  const response = await ask(url, signatureFor(url, config, clock));
  const text = await response.text();
  if (response.ok) return (JSON.parse(text) as { denials: readonly Denial[] }).denials;
  if (response.status !== 403) throw new ExplainError(`${url.origin} answered ${response.status}: ${text}`);
  throw new ExplainError(
    `${url.origin} wants to know that you are its operator: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the ` +
      `admin key, which it prints when it starts (${messageIn(text)})`,
  );
}

/** What a person reads, with its line feed. */
export function describeDenials(denials: readonly Denial[], clientId: string | undefined): string {
  const whom = clientId === undefined ? '' : ` to the client '${clientId}'`;
  if (denials.length === 0) return `Nothing was refused${whom} since the server started, as far as it remembers.\n`;
  return `The newest refusals${whom}, times in UTC:\n\n${denials.map(describeDenial).join('\n')}`;
}

function describeDenial(denial: Denial): string {
  const { action, reason, detail, lastAt, firstAt, count, explanation } = denial;
  const time = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  const times = count > 1 ? `, ${count} times since ${time(firstAt)}` : '';
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['client', denial.clientId],
    ['principal', denial.principal],
    ['key id', denial.accessKeyId],
    ['certificate', denial.certificateId],
    ['source', denial.sourceIp],
    ['resource', denial.resource],
    ['why', detail],
    ...(explanation ? factsOf(explanation) : []),
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`    ${name.padEnd(12)} ${value}`] : []));
  const suggestion = explanation && suggestionOf(explanation);
  const because = reason === 'policy' || action === undefined ? '' : `: ${reason}`;
  const heading = `${time(lastAt)}  ${action ?? reason} refused${because}${times}`;
  return `${[heading, ...lines, ...(suggestion ? [suggestion] : [])].join('\n')}\n`;
}

function factsOf({ passedOver, missing }: Explanation): [string, string][] {
  return [
    ...passedOver.map(({ policyName, statement, because, resources }): [string, string] => [
      'passed over',
      `${policyName} ${statement}: ${because === 'resource' ? `it is about ${resources.join(', ')}` : 'its condition does not hold'}`,
    ]),
    ...missing.map((name): [string, string] => ['not known', name]),
  ];
}

function suggestionOf({ outcome, suggestion }: Explanation): string | undefined {
  if (outcome === 'EXPLICIT_DENY') return '    To allow it, change the statement that denies it: no other can.';
  if (!suggestion) return undefined;
  return `    To allow it, add this statement to a policy of the principal:\n      ${JSON.stringify(suggestion)}`;
}

function signatureFor(url: URL, config: ExplainConfig, clock: Clock): Record<string, string> {
  const { accessKeyId, secretAccessKey, region } = config;
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const unsigned = {
    method: 'GET',
    rawPath: url.pathname,
    rawQuery: url.search.slice(1),
    headers: [['host', url.host]] as const,
    body: Buffer.alloc(0),
  };
  return signV4(unsigned, { accessKeyId, secretAccessKey }, { region, service: 'iot', nowMs: clock.now() });
}

async function ask(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers });
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new ExplainError(`${url.origin} cannot be reached (${messageOf(cause)}): is the server running?`);
  }
}

function messageIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    return text;
  }
}
