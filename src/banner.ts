/** What `tsunagu start` prints on standard output when it is ready: for a person, or with --json one line for a program. */

/** What there is to tell of a running server; `startServer` returns more. */
export interface Ready {
  readonly endpoints: {
    readonly http: string;
    readonly https: string;
    readonly mqtts: string;
    readonly wss: string;
    /** Absent when the plain MQTT port is off. */
    readonly mqtt?: string;
  };
  readonly caFile: string;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The services an IoT client calls, as the AWS CLI and SDKs spell them in `AWS_ENDPOINT_URL_…`. */
export const endpointVariables = [
  'AWS_ENDPOINT_URL_IOT',
  'AWS_ENDPOINT_URL_IOT_DATA_PLANE',
  'AWS_ENDPOINT_URL_IOT_JOBS_DATA_PLANE',
  'AWS_ENDPOINT_URL_IOTSECURETUNNELING',
] as const;

/** The line of the contract, with its line feed and nothing else. */
export function readyLine(ready: Ready): string {
  const { endpoints, caFile, region, accountId, credentials } = ready;
  const { http, https, mqtts, wss, mqtt } = endpoints;
  const { accessKeyId, secretAccessKey } = credentials;
  return `${JSON.stringify({
    event: 'ready',
    endpoints: { http, https, mqtts, wss, mqtt },
    caFile,
    region,
    accountId,
    credentials: { accessKeyId, secretAccessKey },
  })}\n`;
}

/** The endpoints, and lines to paste into a shell that point the AWS CLI, curl and MQTT clients at them. */
export function banner(ready: Ready): string {
  const { endpoints, caFile, region, accountId, credentials } = ready;
  const lines = [
    '',
    'Tsunagu is ready.',
    '',
    `  HTTP          ${endpoints.http}`,
    `  HTTPS         ${endpoints.https}`,
    `  MQTT, TLS     ${endpoints.mqtts}`,
    `  MQTT, WSS     ${endpoints.wss}`,
    ...(endpoints.mqtt ? [`  MQTT, plain   ${endpoints.mqtt}`] : []),
    `  CA            ${caFile}`,
    `  Region        ${region}, account ${accountId}`,
    '',
    'Point the AWS CLI and SDKs at it:',
    '',
    ...endpointVariables.map((name) => `  export ${name}=${endpoints.http}`),
    `  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`,
    `  export AWS_SECRET_ACCESS_KEY=${quoted(credentials.secretAccessKey)}`,
    `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `  export AWS_CA_BUNDLE=${quoted(caFile)}   # needed for ${endpoints.https} only`,
    '',
    'Try it:',
    '',
    '  aws iot create-thing --thing-name lamp',
    ...tryMqtt(ready),
    `  ${curlPublish(ready)}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** Listens on the plain port where there is one; over TLS a device needs its certificate first. */
function tryMqtt({ endpoints, caFile }: Ready): string[] {
  const { hostname, port } = new URL(endpoints.mqtt ?? endpoints.mqtts);
  const host = hostname.replaceAll(/[[\]]/g, '');
  if (endpoints.mqtt) return [`  mosquitto_sub -h ${host} -p ${port} -t '#' -v`];
  return [
    `  mosquitto_sub -h ${host} -p ${port} --cafile ${quoted(caFile)} --cert cert.pem --key key.pem -i lamp -t hello`,
  ];
}

function curlPublish({ endpoints, region, credentials }: Ready): string {
  const user = `${credentials.accessKeyId}:${credentials.secretAccessKey}`;
  return `curl --aws-sigv4 aws:amz:${region}:iotdata --user ${quoted(user)} -d '{"hello":1}' '${endpoints.http}/topics/hello?qos=1'`;
}

/** For a shell: as it is when that is safe, else in quotes. */
function quoted(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
