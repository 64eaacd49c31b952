/** Lines of a file that comes in pieces, with their places. Holds one line at a time, and none that is too long. */

export interface InputLine {
  /** From 1. */
  readonly lineNumber: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** Of the byte after its line break. */
  readonly end: number;
  /** Without the line break; undefined when it is longer than allowed. */
  readonly bytes: Buffer | undefined;
}

export interface Start {
  /** Bytes and lines before the first chunk. */
  readonly offset: number;
  readonly lines: number;
}

const LINE_BREAK = 0x0a;

/** A last line needs no line break. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  start: Start,
  longest: number,
): AsyncGenerator<InputLine, void, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let { offset } = start;
  let lineNumber = start.lines + 1;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length <= longest) parts.push(part);
    else parts = [];
  };
  const take = (breakBytes: number): InputLine => {
    const bytes = length <= longest ? Buffer.concat(parts) : undefined;
    const line: InputLine = { lineNumber, offset, end: offset + length + breakBytes, bytes };
    ({ end: offset } = line);
    lineNumber++;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, from)) {
      add(chunk.subarray(from, at));
      yield take(1);
      from = at + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (length > 0) yield take(0);
}
