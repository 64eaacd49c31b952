/**
 * The TLS security policies of domain configurations (gateway-broker.md section 3): which versions and cipher suites a
 * name of the server is served with. Called by `domain-configuration.ts` to check a name and by `domains.ts` to use it.
 */

/** As `tls.createSecureContext` takes them; `ciphers` in OpenSSL's spelling, the preferred first. */
export interface TlsSettings {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers: string;
}

export const DEFAULT_SECURITY_POLICY = 'IoTSecurityPolicy_TLS13_1_2_2022_10';

const SUITES_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const SUITES_12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
];

const only12 = (suites: readonly string[]): TlsSettings => ({
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: suites.join(':'),
});

const policies: ReadonlyMap<string, TlsSettings> = new Map([
  [
    'IoTSecurityPolicy_TLS13_1_3_2022_10',
    { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: SUITES_13.join(':') },
  ],
  [
    DEFAULT_SECURITY_POLICY,
    { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: [...SUITES_13, ...SUITES_12].join(':') },
  ],
  ['IoTSecurityPolicy_TLS12_1_2_2022_10', only12(SUITES_12)],
  ['IoTSecurityPolicy_TLS12_1_0_2016_01', only12(SUITES_12)],
  ['IoTSecurityPolicy_TLS12_1_0_2015_01', only12([...SUITES_12, 'DHE-RSA-AES256-SHA'])],
]);

/** Undefined if there is no policy of that name. */
export function tlsSettings(securityPolicy: string): TlsSettings | undefined {
  return policies.get(securityPolicy);
}

export function securityPolicies(): readonly string[] {
  return [...policies.keys()];
}
