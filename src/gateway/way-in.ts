/**
 * How a client may come in by a domain (gateway-broker.md section 2): by the domain's pair of authentication type and
 * protocol, or, where that is DEFAULT, by the port and ALPN. Pure; `tls-door.ts` asks before the handshake.
 */
import type { Domain } from '../identity/identity.ts';

/** The port that speaks everything (443 and 8443 elsewhere), or the one for MQTT with certificates (8883). */
export type TlsPort = 'tls' | 'mqtts';

export type WayIn = 'mqttByCertificate' | 'mqttByAuthorizer' | 'mqttByBoth' | 'http';

type Rules = Pick<Domain, 'authenticationType' | 'applicationProtocol' | 'serviceType'>;

const MQTT_WITH_CERTIFICATE = 'x-amzn-mqtt-ca';
const MQTT_WITH_AUTHORIZER = 'mqtt';
const HTTP_WITH_CERTIFICATE = 'x-amzn-http-ca';
const HTTP = 'http/1.1';

/** The protocol to agree on, of those the client offers; undefined when there is none. */
export function chooseProtocol(domain: Rules, port: TlsPort, offered: readonly string[]): string | undefined {
  const { applicationProtocol } = domain;
  const isAnyMqtt = applicationProtocol === 'DEFAULT' ? port === 'mqtts' : applicationProtocol === 'SECURE_MQTT';
  if (isAnyMqtt) return offered[0];
  const known =
    applicationProtocol === 'DEFAULT'
      ? [MQTT_WITH_CERTIFICATE, MQTT_WITH_AUTHORIZER, HTTP_WITH_CERTIFICATE, HTTP]
      : [HTTP_WITH_CERTIFICATE, HTTP];
  return offered.find((protocol) => known.includes(protocol));
}

/** `protocol`: the one agreed on. Undefined when the domain is not served so. */
export function wayIn(domain: Rules, port: TlsPort, protocol: string | undefined): WayIn | undefined {
  const way = wayByRules(domain, port, protocol);
  const hasMqtt = domain.serviceType === undefined || domain.serviceType === 'DATA';
  return way === 'http' || hasMqtt ? way : undefined;
}

function wayByRules(domain: Rules, port: TlsPort, protocol: string | undefined): WayIn | undefined {
  switch (domain.applicationProtocol) {
    case 'DEFAULT':
      if (port === 'mqtts' || protocol === MQTT_WITH_CERTIFICATE) return 'mqttByCertificate';
      return protocol === MQTT_WITH_AUTHORIZER ? 'mqttByAuthorizer' : 'http';
    case 'SECURE_MQTT':
      if (domain.authenticationType === 'AWS_X509') return 'mqttByCertificate';
      return domain.authenticationType === 'CUSTOM_AUTH' ? 'mqttByAuthorizer' : 'mqttByBoth';
    default:
      return port === 'tls' ? 'http' : undefined;
  }
}

/** Whether clients are asked for a certificate: not where none is of use, since browsers would ask their users. */
export function asksForCertificate({ authenticationType }: Rules): boolean {
  return authenticationType !== 'AWS_SIGV4' && authenticationType !== 'CUSTOM_AUTH';
}
