/** Why the demo cannot go on, in a sentence for the person who watches. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
