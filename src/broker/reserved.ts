/**
 * The topics that begin with `$`: which a client may publish to and which it may subscribe to (gateway-broker.md
 * section 11). Policies are asked besides. Anything else that begins with `$` is invalid in the `aws` profile.
 */

const THING = '$aws/things/+';
const SHADOWS = [`${THING}/shadow`, `${THING}/shadow/name/+`];
const FORMATS = ['json', 'cbor'];

const publishable = [
  ...SHADOWS.flatMap((shadow) => ['get', 'update', 'delete'].map((verb) => `${shadow}/${verb}`)),
  `${THING}/jobs/get`,
  `${THING}/jobs/start-next`,
  `${THING}/jobs/+/get`,
  `${THING}/jobs/+/update`,
  ...FORMATS.flatMap((format) => [
    `${THING}/defender/metrics/${format}`,
    `${THING}/streams/+/describe/${format}`,
    `${THING}/streams/+/get/${format}`,
    `$aws/certificates/create/${format}`,
    `$aws/certificates/create-from-csr/${format}`,
    `$aws/provisioning-templates/+/provision/${format}`,
  ]),
  '$aws/commands/+/+/executions/+/response/+',
  '$aws/device_location/+/get_position_estimate',
];

const answered = publishable.flatMap((request) => [`${request}/accepted`, `${request}/rejected`]);

const subscribable = [
  ...publishable.filter((request) => request.startsWith(THING) && request.includes('/shadow')),
  ...answered,
  ...SHADOWS.flatMap((shadow) => [`${shadow}/update/delta`, `${shadow}/update/documents`]),
  `${THING}/jobs/notify`,
  `${THING}/jobs/notify-next`,
  ...FORMATS.flatMap((format) =>
    ['description', 'data', 'rejected'].map((answer) => `${THING}/streams/+/${answer}/${format}`),
  ),
  `${THING}/tunnels/notify`,
  '$aws/events/#',
  '$aws/commands/+/+/executions/+/request/+',
  '$aws/commands/+/+/executions/+/response/accepted/+',
  '$aws/commands/+/+/executions/+/response/rejected/+',
  '$aws/sitewise/asset-models/+/assets/+/properties/+',
  '$aws/iotwireless/events/#',
].map((filter) => filter.split('/'));

const publishableLevels = publishable.map((filter) => filter.split('/'));

export const BASIC_INGEST = '$aws/rules/';

/** Topics on which clients speak to the platform alone. What they say (ownership tokens) is no other client's business. */
const FOR_THE_PLATFORM = [BASIC_INGEST, '$aws/certificates/', '$aws/provisioning-templates/'];

/** Whether what is published on the topic reaches no client, whatever it subscribed to: answers go to one client directly. */
export function isForThePlatform(topic: string): boolean {
  return topic.startsWith('$') && FOR_THE_PLATFORM.some((prefix) => topic.startsWith(prefix));
}

/** The rule a Basic Ingest topic names, and the topic that counts for limits; undefined for any other topic. */
export function basicIngest(topic: string): { ruleName: string; topic: string } | undefined {
  if (!topic.startsWith(BASIC_INGEST)) return undefined;
  const end = topic.indexOf('/', BASIC_INGEST.length);
  if (end < 0) return { ruleName: topic.slice(BASIC_INGEST.length), topic: '' };
  return { ruleName: topic.slice(BASIC_INGEST.length, end), topic: topic.slice(end + 1) };
}

/** Whether a client may publish to this `$…` topic at all. */
export function isPublishable(topic: string): boolean {
  if (topic.startsWith(BASIC_INGEST)) return topic.length > BASIC_INGEST.length;
  const levels = topic.split('/');
  return publishableLevels.some((allowed) => overlaps(allowed, levels));
}

/** Whether a client may subscribe to this `$…` filter: some topic it matches is open to subscribers. */
export function isSubscribable(filter: string): boolean {
  const levels = filter.split('/');
  return subscribable.some((allowed) => overlaps(allowed, levels));
}

/** Whether two filters have a topic in common. */
function overlaps(one: readonly string[], other: readonly string[]): boolean {
  for (let at = 0; ; at++) {
    const a = one[at];
    const b = other[at];
    if (a === '#' || b === '#') return true;
    if (a === undefined || b === undefined) return a === b;
    if (a !== '+' && b !== '+' && a !== b) return false;
  }
}
