/**
 * The property test of the storage port: random commits, several of them under way at once, against a model made of a
 * Map and arrays. Called by `store.contract.ts`.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Collection, type Store, type Stored, VersionMismatch, type Write } from '../../src/store/store.ts';

interface Doc {
  readonly tags: readonly string[];
}

type Command =
  | { readonly kind: 'put'; readonly key: string; readonly tags: readonly string[]; readonly ifVersion?: number }
  | { readonly kind: 'delete'; readonly key: string; readonly ifVersion?: number }
  | { readonly kind: 'append'; readonly queue: string; readonly texts: readonly string[] }
  /** Of the item that is at `position` when the round begins, if there is one. */
  | { readonly kind: 'ack'; readonly queue: string; readonly position: number }
  | { readonly kind: 'drop'; readonly queue: string };

/** Commits that are all called before the first of them is done. */
type Round = readonly (readonly Command[])[];

const QUEUES = ['q', 'r'];

/** Few keys, so that writes meet; made of characters at the borders of the key order. */
const key = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\uffff', '\u{10ffff}'), maxLength: 2 });
const queue = fc.constantFrom(...QUEUES);
const ifVersion = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 2 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, tags: fc.array(key, { maxLength: 3 }), ifVersion }),
  fc.record({ kind: fc.constant('put' as const), key, tags: fc.array(key, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('delete' as const), key, ifVersion }),
  fc.record({ kind: fc.constant('append' as const), queue, texts: fc.array(fc.string(), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('ack' as const), queue, position: fc.nat(4) }),
  fc.record({ kind: fc.constant('drop' as const), queue }),
);

export const roundsArbitrary: fc.Arbitrary<Round[]> = fc.array(
  fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
  { maxLength: 6 },
);

/** An item of a queue; the object is its identity, for texts may be equal. */
interface Item {
  readonly text: string;
}

/** What the store should hold. Never changed: a commit makes another one, or does not. */
interface Model {
  readonly documents: ReadonlyMap<string, { readonly tags: readonly string[]; readonly version: number }>;
  readonly queues: ReadonlyMap<string, readonly Item[]>;
}

/** Runs `rounds` on an empty `store` and compares everything it holds with the model after each. */
export async function checkRounds(store: Store, rounds: readonly Round[]): Promise<void> {
  const docs = store.collection<Doc>({ name: 'model_doc', indexes: { tag: ({ tags }) => tags } });
  let model: Model = { documents: new Map(), queues: new Map(QUEUES.map((name) => [name, []])) };
  for (const round of rounds) {
    const atStart = model.queues;
    const sequences = await sequencesOf(store);
    const expected: boolean[] = [];
    const commits = round.map((commands) => {
      const after = commands.reduce<Model | undefined>((now, each) => now && applied(now, each, atStart), model);
      expected.push(after !== undefined);
      model = after ?? model;
      return store.commit(commands.map((each) => writeOf(each, store, docs, sequences)));
    });
    const results = await Promise.allSettled(commits);
    assert.deepEqual(
      results.map(({ status }) => status === 'fulfilled'),
      expected,
    );
    for (const result of results) if (result.status === 'rejected') assert.ok(result.reason instanceof VersionMismatch);
    await compare(store, docs, model);
  }
}

/** The model after `command`; absent when its condition does not hold. */
function applied(model: Model, command: Command, atStart: Model['queues']): Model | undefined {
  if (command.kind === 'put' || command.kind === 'delete') {
    const version = model.documents.get(command.key)?.version ?? 0;
    if (command.ifVersion !== undefined && command.ifVersion !== version) return undefined;
    const documents = new Map(model.documents);
    if (command.kind === 'put') documents.set(command.key, { tags: command.tags, version: version + 1 });
    else documents.delete(command.key);
    return { ...model, documents };
  }
  const items = model.queues.get(command.queue)!;
  const queues = new Map(model.queues);
  if (command.kind === 'append') queues.set(command.queue, [...items, ...command.texts.map((text) => ({ text }))]);
  else if (command.kind === 'drop') queues.set(command.queue, []);
  else
    queues.set(
      command.queue,
      items.filter((item) => item !== atStart.get(command.queue)![command.position]),
    );
  return { ...model, queues };
}

type Sequences = ReadonlyMap<string, readonly number[]>;

function writeOf(command: Command, store: Store, docs: Collection<Doc>, sequences: Sequences): Write {
  switch (command.kind) {
    case 'put':
      return docs.put(command.key, { tags: command.tags }, { ifVersion: command.ifVersion });
    case 'delete':
      return docs.delete(command.key, { ifVersion: command.ifVersion });
    case 'append':
      return store.queue(command.queue).append(command.texts.map((text) => Buffer.from(text)));
    case 'ack':
      return store
        .queue(command.queue)
        .ack(sequences.get(command.queue)!.slice(command.position, command.position + 1));
    case 'drop':
      return store.queue(command.queue).drop();
  }
}

async function sequencesOf(store: Store): Promise<Sequences> {
  const sequences = new Map<string, number[]>();
  for (const name of QUEUES) {
    const items = await store.queue(name).read(0, 1000);
    sequences.set(
      name,
      items.map(({ sequence }) => sequence),
    );
  }
  return sequences;
}

async function compare(store: Store, docs: Collection<Doc>, { documents, queues }: Model): Promise<void> {
  const stored = Array.from(documents, ([key, { tags, version }]): Stored<Doc> => ({ key, value: { tags }, version }));
  stored.sort((a, b) => byteOrder(a.key, b.key));
  assert.deepEqual((await docs.scan()).items, stored);
  assert.equal(await docs.count(), stored.length);
  const entries = stored.flatMap((doc) => [...new Set(doc.value.tags)].map((tag) => ({ tag, doc })));
  entries.sort((a, b) => byteOrder(a.tag, b.tag) || byteOrder(a.doc.key, b.doc.key));
  assert.deepEqual(
    (await docs.findPrefix('tag', '')).items,
    entries.map(({ doc }) => doc),
  );
  for (const [name, items] of queues) {
    const read = await store.queue(name).read(0, 1000);
    assert.deepEqual(
      read.map(({ item }) => item.toString()),
      items.map(({ text }) => Buffer.from(text).toString()),
    );
    assert.equal(await store.queue(name).length(), items.length);
  }
}

function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
