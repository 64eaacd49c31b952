/**
 * Regular expressions in Java's dialect, matched in time linear in the input: the pattern becomes a program whose
 * states advance together over the text (Thompson, Pike), so that no pattern of a rule and no text of a device can
 * stall the program, as backtracking engines such as V8's would. Captures and priorities are those of a backtracking
 * engine. What cannot be done so (back references, look-around, possessive quantifiers) is told apart from mistakes.
 *
 * Used by the regexp functions only. No I/O, no clock.
 */
import { InvalidPattern, type Node, parsePattern } from './regex-pattern.ts';

/** Steps of one function call, some tens of milliseconds: replacing all matches can still be quadratic. */
const stepLimit = 1_000_000;
const programLimit = 10_000;

export interface Match {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole match; undefined: the group took no part. */
  readonly groups: readonly (string | undefined)[];
}

export interface Regex {
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  /** The leftmost match at or behind `from`; undefined when there is none. Throws SearchTooLong. */
  find(text: string, from: number, budget: Budget): Match | undefined;
}

/** Shared by the searches of one function call. */
export interface Budget {
  steps: number;
}

export function newBudget(): Budget {
  return { steps: stepLimit };
}

/** The budget is used up. */
export class SearchTooLong extends Error {
  override readonly name = 'SearchTooLong';
}

type Instruction =
  | { readonly op: 'consume'; readonly test: (code: number) => boolean }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'match' };

/** Throws InvalidPattern or UnsupportedPattern. */
export function compileRegex(pattern: string): Regex {
  const { node, groupCount, groupNames } = parsePattern(pattern);
  const program: Instruction[] = [];
  emit({ kind: 'group', index: 0, node }, program);
  program.push({ op: 'match' });
  return {
    groupCount,
    groupNames,
    find: (text, from, budget) => search(program, (groupCount + 1) * 2, text, from, budget),
  };
}

function emit(node: Node, program: Instruction[]): void {
  if (program.length > programLimit) throw new InvalidPattern('the regular expression is too large');
  switch (node.kind) {
    case 'set':
      program.push({ op: 'consume', test: node.test });
      return;
    case 'assert':
      program.push({ op: 'assert', holds: node.holds });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program);
      return;
    case 'group':
      program.push({ op: 'save', slot: node.index * 2 });
      emit(node.node, program);
      program.push({ op: 'save', slot: node.index * 2 + 1 });
      return;
    case 'choice':
      emitChoice(node.options, program);
      return;
    case 'repeat':
      emitRepeat(node, program);
      return;
  }
}

function emitChoice(options: readonly Node[], program: Instruction[]): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const option of options.slice(0, -1)) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    program.push(split);
    emit(option, program);
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    program.push(jump);
    split.second = program.length;
  }
  emit(options[options.length - 1], program);
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat(node: Extract<Node, { kind: 'repeat' }>, program: Instruction[]): void {
  for (let i = 0; i < node.least; i++) emit(node.node, program);
  if (node.most === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const split = branch(program);
    emit(node.node, program);
    program.push({ op: 'jump', to: start });
    close(split, node.isLazy, start + 1, program.length);
    return;
  }
  const splits: { split: ReturnType<typeof branch>; inside: number }[] = [];
  for (let i = node.least; i < node.most; i++) {
    const split = branch(program);
    splits.push({ split, inside: program.length });
    emit(node.node, program);
  }
  for (const { split, inside } of splits) close(split, node.isLazy, inside, program.length);
}

function branch(program: Instruction[]): { op: 'split'; first: number; second: number } {
  const split = { op: 'split' as const, first: 0, second: 0 };
  program.push(split);
  return split;
}

function close(split: { first: number; second: number }, isLazy: boolean, inside: number, behind: number): void {
  split.first = isLazy ? behind : inside;
  split.second = isLazy ? inside : behind;
}

interface Thread {
  readonly at: number;
  readonly slots: readonly number[];
}

function search(
  program: readonly Instruction[],
  slotCount: number,
  text: string,
  from: number,
  budget: Budget,
): Match | undefined {
  let found: readonly number[] | undefined;
  let threads: Thread[] = [];
  const seen = new Int32Array(program.length).fill(-1);
  const none: readonly number[] = new Array<number>(slotCount).fill(-1);

  for (let at = from; ; ) {
    if (!found) spawn(program, threads, seen, text, at, { at: 0, slots: none }, budget);
    if (threads.length === 0 && (found || at >= text.length)) break;
    const code = at < text.length ? text.codePointAt(at)! : -1;
    const nextAt = at + (code > 0xffff ? 2 : 1);
    const next: Thread[] = [];
    for (const thread of threads) {
      const instruction = program[thread.at];
      if (instruction.op === 'match') {
        found = thread.slots;
        break;
      }
      if (instruction.op === 'consume' && code >= 0 && instruction.test(code)) {
        spawn(program, next, seen, text, nextAt, { at: thread.at + 1, slots: thread.slots }, budget);
      }
    }
    if (code < 0) break;
    threads = next;
    at = nextAt;
  }
  return found && matchOf(text, found);
}

/** Follows everything that consumes nothing; `seen` holds, per instruction, the last position it was reached at. */
function spawn(
  program: readonly Instruction[],
  into: Thread[],
  seen: Int32Array,
  text: string,
  at: number,
  start: Thread,
  budget: Budget,
): void {
  const pending = [start];
  for (let thread = pending.pop(); thread; thread = pending.pop()) {
    if (--budget.steps < 0) throw new SearchTooLong('The search for a regular expression takes too long');
    if (seen[thread.at] === at) continue;
    seen[thread.at] = at;
    const instruction = program[thread.at];
    switch (instruction.op) {
      case 'jump':
        pending.push({ at: instruction.to, slots: thread.slots });
        break;
      case 'split':
        pending.push({ at: instruction.second, slots: thread.slots }, { at: instruction.first, slots: thread.slots });
        break;
      case 'save':
        pending.push({ at: thread.at + 1, slots: thread.slots.with(instruction.slot, at) });
        break;
      case 'assert':
        if (instruction.holds(text, at)) pending.push({ at: thread.at + 1, slots: thread.slots });
        break;
      default:
        into.push(thread);
    }
  }
}

function matchOf(text: string, slots: readonly number[]): Match {
  const groups: (string | undefined)[] = [];
  for (let i = 0; i < slots.length; i += 2) {
    groups.push(slots[i + 1] < 0 ? undefined : text.slice(slots[i], slots[i + 1]));
  }
  return { start: slots[0], end: slots[1], groups };
}
