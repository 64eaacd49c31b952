/**
 * Substitution templates, `text ${expression} text` (rules-engine.md section 9): the rule's expression language over
 * the incoming message. Called by the actions, which compile theirs once per rule.
 */
import { invalidRequest, messageOf } from '../base/errors.ts';
import { toText } from './convert.ts';
import { compileExpression, type Evaluator, noNeeds, type Scope } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { parseExpression } from './parser.ts';
import { isBytes } from './value.ts';

export interface Template {
  /** The text when there is no `${…}` in it; undefined when it depends on the message. */
  readonly literal: string | undefined;
  /** The text for a message; Undefined and Null leave nothing. May throw AnswerNeeded and EvaluationFailure. */
  render(frame: Frame): string;
}

/** Parts of one template. */
const partLimit = 1000;

/**
 * Compiles `text` where the statement of the rule was compiled; `field` names it in the InvalidRequestException for
 * a mistake in it.
 */
export function compileTemplate(text: string, scope: Scope, field: string): Template {
  const parts: (string | Evaluator)[] = [];
  let at = 0;
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', at)) {
    if (parts.length >= partLimit) throw invalidRequest(`The template in ${field} has too many parts`);
    if (open > at) parts.push(text.slice(at, open));
    try {
      const { expression, end } = parseExpression(text, open + 2, '}');
      parts.push(compileExpression(expression, { ...scope, text, needs: noNeeds() }));
      at = end;
    } catch (error) {
      throw invalidRequest(`The template in ${field} is not valid: ${messageOf(error)}`);
    }
  }
  parts.push(text.slice(at));
  return {
    literal: typeof parts[0] === 'string' && parts.length === 1 ? parts[0] : undefined,
    render: (frame) => parts.map((part) => (typeof part === 'string' ? part : textOf(part, frame))).join(''),
  };
}

function textOf(evaluate: Evaluator, frame: Frame): string {
  const value = evaluate(frame);
  return isBytes(value) ? value.toString('utf8') : (toText(value, frame.version) ?? '');
}
