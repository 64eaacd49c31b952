/** The table of a run: figures, ratios to the first peer, CPU per delivery. */

export interface Row {
  readonly name: string;
  /** One for each peer; undefined where it failed or was not asked. */
  readonly cells: readonly ({ readonly value: number; readonly cpuUs: number | undefined } | undefined)[];
  readonly lowerIsBetter: boolean;
}

const BEGIN = '<!-- the table of the last run -->';
const END = '<!-- end of the table -->';

export function table(peers: readonly string[], rows: readonly Row[]): string {
  const lines = [
    `| scenario | ${peers.join(' | ')} |`,
    `| --- |${peers.map(() => ' --- |').join('')}`,
    ...rows.map((row) => `| ${row.name} | ${row.cells.map((cell, at) => show(cell, row, at)).join(' | ')} |`),
  ];
  return lines.join('\n');
}

/** The README with its table replaced. */
export function intoReadme(readme: string, text: string): string {
  const [head, rest] = readme.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error(`bench/README.md needs the lines '${BEGIN}' and '${END}'`);
  return `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`;
}

function show(cell: Row['cells'][number], row: Row, at: number): string {
  if (!cell) return '–';
  const value = cell.value >= 100 ? Math.round(cell.value).toLocaleString('en') : cell.value.toFixed(1);
  const base = row.cells[0]?.value;
  const ratio = at === 0 || !base ? '' : ` (×${(cell.value / base).toFixed(2)})`;
  const cpu = cell.cpuUs === undefined ? '' : `, ${cell.cpuUs.toFixed(1)} us`;
  return `${value}${ratio}${cpu}`;
}
