/**
 * What a client that wants a custom authorizer sent, and where in it the credentials are (gateway-broker.md section 5.3,
 * policies.md sections 9.2 and 9.3). Pure: the gateway and the API front gather the request, `custom-auth.ts` reads it.
 */
import type { JsonValue } from '../api/json.ts';
import type { CertificatePrincipal } from './principal.ts';

export interface CustomRequest {
  /** Over TLS. */
  readonly secure: boolean;
  /** SNI. */
  readonly serverName?: string;
  /** Of an HTTP request or a WebSocket upgrade. */
  readonly http?: {
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    /** As received, without the question mark. */
    readonly query: string;
  };
  /** Of a CONNECT: what it had. */
  readonly mqtt?: { readonly username?: string; readonly password?: Buffer; readonly clientId?: string };
  /** Where a certificate is demanded besides (CUSTOM_AUTH_X509): the registered one that the client showed. */
  readonly certificate?: { readonly principal: CertificatePrincipal; readonly pem: string };
  /** Of the domain configuration the client came through; absent: clients may name any authorizer. */
  readonly authorizerConfig?: { readonly defaultAuthorizerName?: string; readonly allowAuthorizerOverride?: boolean };
}

const NAME = 'x-amz-customauthorizer-name';
const SIGNATURE = 'x-amz-customauthorizer-signature';

/** The authorizer that the client asks for, if it names one. */
export function authorizerNameIn(request: CustomRequest): string | undefined {
  return parameter(request, NAME);
}

/**
 * The signature of the token, in base64. A `+` that was not encoded has become a space on the way; no space can have
 * been meant.
 */
export function signatureIn(request: CustomRequest): string | undefined {
  return parameter(request, SIGNATURE)?.replaceAll(' ', '+');
}

/**
 * The token, in the parameter of which the authorizer knows the name: every text that the client may have meant, none if
 * there is no token. In a query a `+` stands for a space (which comes first) or, where it was not encoded, for itself.
 */
export function tokensIn(request: CustomRequest, tokenKeyName: string | undefined): readonly string[] {
  if (tokenKeyName === undefined) return [];
  const readings = [parameter(request, tokenKeyName), parameter(request, tokenKeyName, { plusIsSpace: false })];
  return [...new Set(readings.filter((text) => text !== undefined))];
}

/** The event of the authorizer's function (policies.md section 9.3). `connectionId` stays the same for a connection. */
export function authorizerEvent(
  request: CustomRequest,
  facts: { readonly token?: string; readonly signatureVerified: boolean; readonly connectionId: string },
): { readonly [name: string]: JsonValue } {
  const { secure, http, mqtt } = request;
  return {
    ...(facts.token !== undefined && { token: facts.token }),
    signatureVerified: facts.signatureVerified,
    protocols: [...(secure ? ['tls'] : []), ...(http ? ['http'] : []), ...(mqtt ? ['mqtt'] : [])],
    protocolData: {
      ...(secure && { tls: tlsData(request) }),
      ...(http && { http: { headers: http.headers, ...(http.query !== '' && { queryString: `?${http.query}` }) } }),
      ...(mqtt && { mqtt: mqttData(mqtt) }),
    },
    connectionMetadata: { id: facts.connectionId },
  };
}

function tlsData({ serverName, certificate }: CustomRequest): { readonly [name: string]: JsonValue } {
  return {
    ...(serverName !== undefined && { serverName }),
    ...(certificate && { x509CertificatePem: certificate.pem, principalId: certificate.principal.id }),
  };
}

function mqttData({ username, password, clientId }: NonNullable<CustomRequest['mqtt']>) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.toString('base64') }),
    ...(clientId !== undefined && { clientId }),
  };
}

/** From a header, else the URL's query, else the query in the user name. An empty one counts as absent. */
function parameter(
  { http, mqtt }: CustomRequest,
  name: string,
  { plusIsSpace } = { plusIsSpace: true },
): string | undefined {
  const header = name.toLowerCase();
  const inHeader = http && Object.hasOwn(http.headers, header) ? http.headers[header] : undefined;
  return (
    inHeader ||
    inQuery(http?.query, name, plusIsSpace) ||
    inQuery(queryOf(mqtt?.username), name, plusIsSpace) ||
    undefined
  );
}

/** Everything after the first question mark of a user name. */
function queryOf(username: string | undefined): string | undefined {
  const mark = username?.indexOf('?') ?? -1;
  return mark < 0 ? undefined : username?.slice(mark + 1);
}

/** What is encoded badly is taken as it is, as forms do. */
function inQuery(query: string | undefined, name: string, plusIsSpace: boolean): string | undefined {
  if (query === undefined) return undefined;
  const form = plusIsSpace ? query : query.replaceAll('+', '%2B');
  return new URLSearchParams(form).get(name) ?? undefined;
}
