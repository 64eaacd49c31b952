/** Any JSON value: what a document shape or a JSON header of a model holds. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
