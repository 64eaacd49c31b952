/** The one error of the template engine: what is wrong, and where in the template it stands. */
import { nearest } from '../base/spelling.ts';

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** As `Resources.thing.Properties.ThingName` or `Resources.policy.Properties.PolicyDocument.Fn::Join[1][0]`; empty: the whole. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === '' ? `The template ${problem}` : `${path} ${problem}`);
    this.path = path;
  }
}

/** The path of a member of `path`. */
export function member(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function element(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** Throws for the first member that is none of `known`. */
export function checkMembers(json: object, known: readonly string[], path: string): void {
  const stranger = Object.keys(json).find((name) => !known.includes(name));
  if (stranger !== undefined) throw unknownMember(member(path, stranger), stranger, known);
}

/** Says which of `known` may have been meant. */
export function unknownMember(path: string, name: string, known: readonly string[]): TemplateError {
  const meant = nearest(name, known, 2);
  if (meant !== undefined) return new TemplateError(path, `is not known here: did you mean ${meant}?`);
  const hint = known.length === 0 ? 'there is nothing to set' : `there can be ${known.join(', ')}`;
  return new TemplateError(path, `is not known here: ${hint}`);
}
