/** The `--limit` option: quotas of the MQTT profiles by name, each overriding both profiles' own. */
import { awsLimits, type Limits } from './broker/broker.ts';

/** Limits given as `name=number` or `name=unlimited`; what is wrong comes as sentences. */
export function parseLimits(given: readonly string[]): { limits: Partial<Limits>; errors: readonly string[] } {
  const limits: { [name: string]: number } = {};
  const errors: string[] = [];
  for (const text of given) {
    const [name, value] = text.split('=', 2);
    const number = value === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(value);
    if (!Object.hasOwn(awsLimits, name)) {
      errors.push(`--limit ${text}: there is no limit '${name}'; there are ${Object.keys(awsLimits).join(', ')}`);
    } else if (!Number.isSafeInteger(number) || number < 0 || value === '') {
      errors.push(`--limit ${text}: must be ${name}=NUMBER, a whole number from 0, or ${name}=unlimited`);
    } else {
      limits[name] = number;
    }
  }
  return { limits, errors };
}
