/**
 * The shape of a rule action's executor. Each kind of action is one file in this folder that exports an `ActionKind`;
 * `rules.ts` is given the list. A kind that is not in the list is refused when a rule is created.
 */
import type { Action } from '../../api/generated/iot.ts';
import type { Message } from '../../broker/message.ts';
import type { Template } from '../template.ts';
import type { Value } from '../value.ts';

/** The member of the API's Action that holds the settings: `republish`, `s3` … */
export type ActionName = keyof Action;

export interface ActionKind<Name extends ActionName = ActionName> {
  readonly name: Name;
  /** As error documents, metrics and logs call it: `RepublishAction`. */
  readonly label: string;
  /**
   * Called once when a rule is saved or loaded, with settings the model has validated. Compiles the templates and
   * throws InvalidRequestException for what the model cannot know.
   */
  prepare(settings: NonNullable<Action[Name]>, compile: CompileTemplate): PreparedAction;
}

/** `field` names the member in the error for a mistake, e.g. `republish.topic`. */
export type CompileTemplate = (text: string, field: string) => Template;

export interface PreparedAction {
  /** Once per message. Rejects with ActionFailure when the action failed and will not be tried again. */
  perform(invocation: Invocation): Promise<void>;
}

export interface Invocation {
  readonly ruleName: string;
  /** The incoming message; its payload must not be read any more. */
  readonly message: Message;
  /** The incoming topic, without the prefix of Basic Ingest. */
  readonly topic: string;
  /** The outgoing payload: JSON text, raw bytes, or nothing. */
  readonly payload: Buffer;
  /** The outgoing payload as a value, for actions that look into it. */
  readonly value: Value;
  /** The text of a template for the incoming message. */
  text(template: Template): Promise<string>;
}

export class ActionFailure extends Error {
  override readonly name = 'ActionFailure';
  /** What could not be written to: a bucket, a topic … */
  readonly resource: string;

  constructor(resource: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.resource = resource;
  }
}
