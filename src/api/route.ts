/**
 * Method and path → operation: a trie of path segments made once from a model's uri templates. A literal segment wins
 * over a label, a label over a greedy label (`{arn+}`); a path that fits nowhere deeper falls back. Segments are
 * percent-decoded only after the path was cut, so an encoded slash stays inside its label. A `+` is a plus.
 */
import { ServiceError } from '../base/errors.ts';
import type { OperationRoute } from './model.ts';

export interface Match {
  /** The operation's name. */
  readonly operation: string;
  /** The decoded values of the path's labels. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Router {
  /**
   * The operation of a request. `path` is raw (undecoded, without the query); `query` is the raw query, asked only
   * when a template has one. Throws SerializationException for a percent-encoding that is not UTF-8.
   */
  match(method: string, path: string, query: string): Match | undefined;
  /** The methods under which the path is known; empty for an unknown path. */
  methods(path: string): readonly string[];
}

interface Leaf {
  readonly operation: string;
  readonly labels: readonly string[];
  /** Parameters that a template demands, as `name` or `name=value`. */
  readonly query: readonly string[];
}

interface Node {
  readonly literals: Map<string, Node>;
  label?: Node;
  /** Leaves of a greedy label that begins here. */
  readonly greedy: Map<string, Leaf[]>;
  readonly leaves: Map<string, Leaf[]>;
}

/** Throws when two operations have the same route or a greedy label is not the last: a wiring mistake. */
export function createRouter(operations: readonly OperationRoute[]): Router {
  const root = emptyNode();
  for (const operation of operations) add(root, operation);
  return {
    match(method, path, query) {
      const segments = segmentsOf(path);
      const values: string[] = [];
      const leaf = find(root, segments, 0, values, (leaves) => leaves.get(method)?.find((one) => demands(one, query)));
      return leaf && { operation: leaf.operation, labels: decodeLabels(leaf, values) };
    },
    methods(path) {
      const known = new Set<string>();
      find(root, segmentsOf(path), 0, [], (leaves) => {
        for (const method of leaves.keys()) known.add(method);
        return undefined;
      });
      return [...known].sort();
    },
  };
}

/** Percent-decodes. Throws SerializationException, saying where, for bad escapes and for bytes that are not UTF-8. */
export function percentDecode(text: string, where: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ServiceError('SerializationException', `The ${where} is not properly percent-encoded`, { cause });
  }
}

function emptyNode(): Node {
  return { literals: new Map(), greedy: new Map(), leaves: new Map() };
}

function add(root: Node, { name, method, uri }: OperationRoute): void {
  const [path, query] = uri.split('?');
  const segments = segmentsOf(path);
  const labels: string[] = [];
  let node = root;
  let leaves = node.leaves;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const [, label, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
    if (label) labels.push(label);
    if (greedy && !isLast) throw new Error(`${name}: a greedy label must end the path ${uri}`);
    // A trailing slash in a template is optional in requests; in all others it is an empty segment, which fits nowhere.
    if (segment === '' && isLast && index > 0) putLeaf(leaves, method, { operation: name, labels, query: [] });
    if (greedy) {
      leaves = node.greedy;
    } else {
      node = label ? labelled(node) : literal(node, segment);
      leaves = node.leaves;
    }
  }
  putLeaf(leaves, method, { operation: name, labels, query: query ? query.split('&') : [] });
}

function literal(node: Node, segment: string): Node {
  const next = node.literals.get(segment) ?? emptyNode();
  node.literals.set(segment, next);
  return next;
}

function labelled(node: Node): Node {
  node.label ??= emptyNode();
  return node.label;
}

function putLeaf(leaves: Map<string, Leaf[]>, method: string, leaf: Leaf): void {
  const known = leaves.get(method) ?? [];
  const same = known.find((other) => String(other.query) === String(leaf.query));
  if (same) throw new Error(`${same.operation} and ${leaf.operation} have the same route`);
  // The most demanding first: a template with a query wins over the one without.
  leaves.set(
    method,
    [...known, leaf].sort((a, b) => b.query.length - a.query.length),
  );
}

function segmentsOf(path: string): string[] {
  return path.slice(1).split('/');
}

/** Depth first, literals before labels; `values` holds the raw label values of the leaf returned. */
function find(
  node: Node,
  segments: readonly string[],
  at: number,
  values: string[],
  pick: (leaves: ReadonlyMap<string, Leaf[]>) => Leaf | undefined,
): Leaf | undefined {
  if (at === segments.length) return pick(node.leaves);
  const segment = segments[at];
  const next = node.literals.get(segment) ?? (segment.includes('%') ? escapedLiteral(node, segment) : undefined);
  const found = next && find(next, segments, at + 1, values, pick);
  if (found) return found;
  if (node.label && segment !== '') {
    values.push(segment);
    const leaf = find(node.label, segments, at + 1, values, pick);
    if (leaf) return leaf;
    values.pop();
  }
  const rest = node.greedy.size > 0 ? segments.slice(at).join('/') : '';
  const leaf = rest === '' ? undefined : pick(node.greedy);
  if (leaf) values.push(rest);
  return leaf;
}

/** `%24next` is the literal `$next`: some clients escape it. */
function escapedLiteral(node: Node, segment: string): Node | undefined {
  for (const [text, next] of node.literals) if (encodeURIComponent(text) === segment) return next;
  return undefined;
}

function demands(leaf: Leaf, query: string): boolean {
  if (leaf.query.length === 0) return true;
  const given = query.split('&');
  return leaf.query.every((one) => given.some((other) => other === one || other.startsWith(`${one}=`)));
}

function decodeLabels(leaf: Leaf, values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [index, name] of leaf.labels.entries()) {
    const decoded = values[index].split('/').map((segment) => percentDecode(segment, `path label '${name}'`));
    labels[name] = decoded.join('/');
  }
  return labels;
}
