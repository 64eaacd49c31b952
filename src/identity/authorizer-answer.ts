/**
 * What an authorizer's function answered, checked (policies.md section 9.4): pure, from any JSON value to what the client
 * may do and how long, or to a sentence about what is wrong. Called by `authorizer-check.ts`.
 */
import type { JsonValue } from '../api/json.ts';
import { ServiceError } from '../base/errors.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';

export interface AuthorizerAnswer {
  readonly isAuthenticated: true;
  readonly principalId: string;
  /** As texts, as the function gave them or written out. */
  readonly policyTexts: readonly string[];
  readonly policies: readonly NamedDocument[];
  readonly refreshAfterSeconds: number;
  readonly disconnectAfterSeconds: number;
}

/** The function works and says no. */
export interface AuthorizerDenial {
  readonly isAuthenticated: false;
}

export interface AnswerProblem {
  readonly problem: string;
}

const MOST_DOCUMENTS = 10;
const SHORTEST_SECONDS = 300;
const LONGEST_SECONDS = 86_400;
/** Longer ones are not even written out; the grammar's own limit is 2,048 characters besides white space. */
const LONGEST_DOCUMENT = 404_600;

/** `certificateId`: of the certificate that was demanded besides; then policies are optional. */
export function readAuthorizerAnswer(
  answer: JsonValue,
  authorizerName: string,
  certificateId: string | undefined,
): AuthorizerAnswer | AuthorizerDenial | AnswerProblem {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return problem('it is not an object');
  const given = answer as { readonly [name: string]: JsonValue };
  const isAuthenticated = given['isAuthenticated'];
  if (typeof isAuthenticated !== 'boolean') return problem('isAuthenticated must be true or false');
  if (!isAuthenticated) return { isAuthenticated };
  const principalId = given['principalId'];
  if (typeof principalId !== 'string' || !/^[a-zA-Z0-9]{1,128}$/.test(principalId))
    return problem('principalId must be 1 to 128 letters and digits');
  if (certificateId !== undefined && principalId !== certificateId)
    return problem('principalId must be the id of the certificate that the client showed');
  const refreshAfterSeconds = given['refreshAfterInSeconds'];
  if (!isSeconds(refreshAfterSeconds)) return problem(`refreshAfterInSeconds ${SECONDS}`);
  const disconnectAfterSeconds = given['disconnectAfterInSeconds'];
  if (!isSeconds(disconnectAfterSeconds)) return problem(`disconnectAfterInSeconds ${SECONDS}`);
  const documents = readDocuments(given['policyDocuments'], authorizerName, certificateId !== undefined);
  if ('problem' in documents) return documents;
  return { isAuthenticated, principalId, refreshAfterSeconds, disconnectAfterSeconds, ...documents };
}

const SECONDS = `must be a whole number from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}`;

function isSeconds(value: JsonValue | undefined): value is number {
  return Number.isInteger(value) && (value as number) >= SHORTEST_SECONDS && (value as number) <= LONGEST_SECONDS;
}

function readDocuments(
  given: JsonValue | undefined,
  authorizerName: string,
  isOptional: boolean,
): Pick<AuthorizerAnswer, 'policyTexts' | 'policies'> | AnswerProblem {
  if (isOptional && (given === undefined || given === null)) return { policyTexts: [], policies: [] };
  if (!Array.isArray(given) || given.length > MOST_DOCUMENTS)
    return problem(`policyDocuments must be a list of at most ${MOST_DOCUMENTS} policy documents`);
  const policyTexts: string[] = [];
  const policies: NamedDocument[] = [];
  for (const [index, one] of given.entries()) {
    const text = typeof one === 'string' ? one : JSON.stringify(one);
    const name = `policyDocuments[${index}]`;
    if (text.length > LONGEST_DOCUMENT) return problem(`${name} is too long`);
    try {
      const document = parsePolicyDocument(text);
      policies.push({ policyName: `${authorizerName} ${name}`, policyArn: '', document });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return problem(`${name}: ${error.message}`);
    }
    policyTexts.push(text);
  }
  return { policyTexts, policies };
}

function problem(what: string): AnswerProblem {
  return { problem: what };
}
