/**
 * What names a function: a whole Lambda ARN, a partial one (`account:function:name`), a plain name, each with or without
 * a version or alias, or the URL of an HTTP function. Called by the door. Everything else is refused here, so that no
 * name reaches the file system or a URL's path that could mean another place there.
 */

export type FunctionReference =
  | { readonly kind: 'name'; readonly name: string; readonly qualifier?: string }
  | { readonly kind: 'url'; readonly url: string };

const NAME = '[A-Za-z0-9_-]{1,140}';
const QUALIFIER = '(?::(\\$LATEST|[A-Za-z0-9_-]{1,128}))?';
const ARN = new RegExp(
  `^(?:(?:arn:aws(?:-[a-z]+)*:lambda:[a-z0-9-]{1,32}:)?\\d{12}:function:|function:)?(${NAME})${QUALIFIER}$`,
);
const LONGEST = 2048;

/** Undefined for what names no function. */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  if (text.length > LONGEST) return undefined;
  if (/^https?:/i.test(text)) return urlReference(text);
  const found = ARN.exec(text);
  if (!found) return undefined;
  const [, name, qualifier] = found;
  return { kind: 'name', name, ...(qualifier !== undefined && { qualifier }) };
}

/** Without user and password, which would end up in logs and answers. */
function urlReference(text: string): FunctionReference | undefined {
  const url = URL.parse(text);
  return url === null || url.username !== '' || url.password !== '' ? undefined : { kind: 'url', url: url.href };
}
