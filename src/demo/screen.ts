/** The demo's output: aligned columns, one line an event, colours only on a terminal that has them. */

export interface Output {
  write(text: string): unknown;
  /** As of a terminal's stream; absent elsewhere. */
  hasColors?(): boolean;
}

const styles = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export type Style = keyof typeof styles;

export interface Screen {
  line(text?: string): void;
  /** A step of the preparation, done after `tookMs`. */
  step(text: string, tookMs: number): void;
  /** Something that happened: when, who, what kind of thing, and the thing. */
  event(atMs: number, who: string, what: string, detail: string, style: Style): void;
  styled(style: Style, text: string): string;
}

const whoWidth = 6;
const whatWidth = 10;

export function createScreen(out: Output): Screen {
  const isColoured = out.hasColors?.() ?? false;
  const styled = (style: Style, text: string): string => (isColoured ? `\x1b[${styles[style]}m${text}\x1b[0m` : text);
  const line = (text = ''): void => {
    out.write(text === '' ? '\n' : `  ${text}\n`);
  };
  return {
    line,
    styled,
    step: (text, tookMs) => line(`${styled('green', '✓')} ${text.padEnd(66)} ${styled('dim', `${tookMs} ms`)}`),
    event(atMs, who, what, detail, style) {
      const time = styled('dim', `${(atMs / 1000).toFixed(1).padStart(6)} s`);
      line(`${time}  ${who.padEnd(whoWidth)}  ${styled(style, what.padEnd(whatWidth))} ${detail}`);
    },
  };
}
