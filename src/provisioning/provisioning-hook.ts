/**
 * Pre-provisioning hooks (identity-registry-provisioning.md section 4): a function of the operator that is asked before a
 * device is provisioned. What is not clearly a yes is a no.
 */
import type { JsonValue } from '../api/json.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { accessDenied } from './fleet-rejection.ts';

/** Runs a function and resolves with what it returned; rejects when it fails or takes longer than `timeoutMs`. */
export type InvokeFunction = (functionArn: string, event: JsonValue, timeoutMs: number) => Promise<JsonValue>;

export interface HookDeps {
  readonly invoke?: InvokeFunction;
  readonly log: Log;
}

const TIMEOUT_MS = 5000;

/** The parameters that the hook sets. Throws Rejection when it does not allow the device. */
export async function askHook(
  { invoke, log }: HookDeps,
  functionArn: string,
  event: { readonly [key: string]: JsonValue },
): Promise<Readonly<Record<string, string>>> {
  if (!invoke) throw accessDenied('there is nothing on this platform that runs functions');
  let answer: JsonValue;
  try {
    answer = await invoke(functionArn, event, TIMEOUT_MS);
  } catch (error) {
    log.warn({ functionArn, cause: messageOf(error) }, 'a pre-provisioning hook failed');
    throw accessDenied('its hook failed');
  }
  if (!isObject(answer) || answer.allowProvisioning !== true) throw accessDenied('its hook did not allow it');
  const { parameterOverrides = {} } = answer;
  if (isObject(parameterOverrides) && Object.values(parameterOverrides).every((value) => typeof value === 'string')) {
    return parameterOverrides as Record<string, string>;
  }
  throw accessDenied('its hook returned parameterOverrides that are no object of texts');
}

function isObject(json: JsonValue): json is { readonly [key: string]: JsonValue } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
