/**
 * The syntax of topic names and filters (MQTT 5.0 sections 4.7 and 4.8, 3.1.1 section 4.7), and the matcher that says
 * what a filter means. `matches` is the obvious, slow one: the reference in tests and good enough where few filters are asked;
 * the broker's router has its own. Nothing here knows limits such as AWS's 256 bytes or 8 levels: that is the broker's profile.
 */

/** The longest string on the wire, in bytes of UTF-8. */
const MAXIMUM_BYTES = 65535;
const SHARE_PREFIX = '$share/';

export interface SharedFilter {
  readonly group: string;
  readonly filter: string;
}

export interface MatchOptions {
  /** Whether `a/#` matches `a` as well: true in the standard, false in AWS IoT Core. */
  readonly parentMatch: boolean;
}

/** A topic to publish to: not empty, no wildcard, no U+0000, at most 65,535 bytes of well-formed text. */
export function isValidTopic(topic: string): boolean {
  return isTopicText(topic) && !topic.includes('+') && !topic.includes('#');
}

/**
 * A filter to subscribe to, shared or not: `+` and `#` alone in their level, `#` only in the last
 * [MQTT-4.7.1-1], [MQTT-4.7.1-2]; `$share/` is followed by a share name and a filter [MQTT-4.8.2-1], [MQTT-4.8.2-2].
 */
export function isValidFilter(filter: string): boolean {
  if (!isTopicText(filter)) return false;
  if (!filter.startsWith(SHARE_PREFIX)) return hasValidWildcards(filter);
  const shared = parseShared(filter);
  return shared !== undefined && hasValidWildcards(shared.filter);
}

/** The parts of `$share/GROUP/FILTER`; undefined for any other filter, and for a share name or filter that is not allowed. */
export function parseShared(filter: string): SharedFilter | undefined {
  if (!filter.startsWith(SHARE_PREFIX)) return undefined;
  const slash = filter.indexOf('/', SHARE_PREFIX.length);
  if (slash <= SHARE_PREFIX.length || slash === filter.length - 1) return undefined;
  const group = filter.slice(SHARE_PREFIX.length, slash);
  if (group.includes('+') || group.includes('#')) return undefined;
  return { group, filter: filter.slice(slash + 1) };
}

/** The levels of a topic or filter; an empty level is a level: `/a` has two. */
export function levelsOf(topic: string): string[] {
  return topic.split('/');
}

export function slashCount(topic: string): number {
  let count = 0;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) count++;
  return count;
}

/**
 * Whether a valid filter (of a shared one, the part behind the share name) matches a valid topic. A wildcard in the
 * first level does not match topics that begin with `$` [MQTT-4.7.2-1].
 */
export function matches(filter: string, topic: string, options: MatchOptions): boolean {
  const wanted = levelsOf(filter);
  const levels = levelsOf(topic);
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return i < levels.length || options.parentMatch;
    if (i >= levels.length) return false;
    if (wanted[i] !== '+' && wanted[i] !== levels[i]) return false;
  }
  return wanted.length === levels.length;
}

/** [MQTT-4.7.3-1] one character at least, [MQTT-4.7.3-2] no U+0000, [MQTT-4.7.3-3] 65,535 bytes at most. */
function isTopicText(text: string): boolean {
  return (
    text !== '' &&
    !text.includes('\0') &&
    text.isWellFormed() &&
    (text.length * 3 <= MAXIMUM_BYTES || Buffer.byteLength(text) <= MAXIMUM_BYTES)
  );
}

function hasValidWildcards(filter: string): boolean {
  if (!filter.includes('+') && !filter.includes('#')) return true;
  const levels = levelsOf(filter);
  return levels.every((level, i) => {
    if (level === '#') return i === levels.length - 1;
    return level === '+' || !(level.includes('+') || level.includes('#'));
  });
}
