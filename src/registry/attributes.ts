/** Attributes of things and thing groups: how an update changes them (identity-registry-provisioning.md section 2.1). */
import type { AttributePayload } from '../api/generated/iot.ts';

/** Values are never empty. */
export type Attributes = Readonly<Record<string, string>>;

/** An empty value removes an attribute, whether the rest is merged or replaced. */
export function updatedAttributes(current: Attributes, payload: AttributePayload | undefined): Attributes {
  if (payload?.attributes === undefined) return current;
  const kept = payload.merge ? Object.entries(current) : [];
  return withoutEmpty(Object.fromEntries([...kept, ...Object.entries(payload.attributes)]));
}

export function withoutEmpty(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

export function isSameAttributes(a: Attributes, b: Attributes): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
