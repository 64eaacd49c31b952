/** The syntax tree of a rule's SQL (rules-engine.md section 3): what the parser returns and the compiler reads. */
import type { Value } from './value.ts';

export type BinaryOperator = 'OR' | 'AND' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IN' | '+' | '-' | '*' | '/' | '%';

/** `at` is the offset in the text, for error messages. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string; readonly at: number }
  | { readonly kind: 'star' }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly at: number }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: string; readonly at: number }
  | {
      readonly kind: 'case';
      readonly operand: Expression;
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise?: Expression;
    }
  | { readonly kind: 'array'; readonly items: readonly Expression[]; readonly at: number }
  | {
      readonly kind: 'object';
      readonly members: readonly { readonly name: string; readonly value: Expression }[];
      readonly at: number;
    }
  | { readonly kind: 'query'; readonly query: Query; readonly at: number }
  | { readonly kind: 'exists'; readonly query: Query; readonly at: number };

export interface SelectItem {
  readonly expression: Expression;
  /** The path after AS. */
  readonly alias?: readonly string[];
  /** The expression as written: the name of an item that has no better one. */
  readonly text: string;
}

export interface Select {
  /** `SELECT VALUE`: exactly one item. */
  readonly isValue: boolean;
  readonly items: readonly SelectItem[];
  readonly where?: Expression;
}

/** A SELECT inside an expression. */
export interface Query extends Select {
  readonly from: Expression;
  /** The name of the element itself. */
  readonly alias?: string;
}

export interface Assignment {
  readonly name: string;
  readonly expression: Expression;
  readonly at: number;
}

export interface Statement extends Select {
  readonly assignments: readonly Assignment[];
  /** The topic filter; absent in rules for Basic Ingest only. */
  readonly filter?: string;
}
