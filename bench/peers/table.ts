/** Samples made into figures, and figures into text. */

import type { Goal } from './goals.ts';
import { distance } from './inputs.ts';
import type { Row } from './rows.ts';

/** One contender in one row: what each round gave, in ms per run, or why there is nothing. */
export interface Cell {
  readonly why?: string;
  readonly samples: readonly ({ readonly wall: number; readonly cpu: number } | undefined)[];
  readonly result: readonly number[];
  readonly notes: Readonly<Record<string, number>>;
}

/** A row that was measured. */
export interface Measured {
  readonly row: Row;
  readonly cells: ReadonlyMap<string, Cell>;
}

type Clock = 'wall' | 'cpu';

/** The middle one; of an even number the mean of two. NaN of none. */
export function median(xs: readonly number[]): number {
  const sorted = [...xs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Which of ours stands for the row: the other kinds of use are columns. */
export const base = 'ours';

/** Median over the rounds of the time over ours in the same round; NaN where there is no round with both. */
export function ratio({ cells }: Measured, name: string, clock: Clock, ours: string = base): number {
  const [a, b] = [cells.get(name)?.samples ?? [], cells.get(ours)?.samples ?? []];
  return median(a.flatMap((x, i) => (x === undefined || b[i] === undefined ? [] : [x[clock] / b[i][clock]])));
}

/** Median time of one run in ms. */
export const time = ({ cells }: Measured, name: string, clock: Clock): number =>
  median((cells.get(name)?.samples ?? []).flatMap((x) => (x === undefined ? [] : [x[clock]])));

/** Whether a contender computed what ours did; undefined where one of them gave nothing. */
export function agrees({ row, cells }: Measured, name: string): boolean | undefined {
  const [a, b] = [cells.get(name)?.result ?? [], cells.get(base)?.result ?? []];
  if (a.length === 0 || b.length === 0) return undefined;
  return distance(a, b) <= row.tolerance;
}

const digits = (x: number): string => (x >= 99.5 ? x.toFixed(0) : x.toPrecision(x >= 9.95 ? 3 : 2));

/** The cell of the printed table: our time, or the ratio to it, `!` where the result is another. */
export function shown(measured: Measured, name: string): string {
  const cell = measured.cells.get(name);
  if (cell?.why !== undefined) return '–';
  const mark = agrees(measured, name) === false ? ' !' : '';
  if (name === base) return `${time(measured, name, 'cpu').toPrecision(3)} ms`;
  const found = ratio(measured, name, 'cpu');
  return Number.isNaN(found) ? '–' : `${digits(found)}${mark}`;
}

/** Markdown: a row per task, a column per contender, ratios of CPU time. */
export function ratioTable(
  table: readonly Measured[],
  names: readonly string[],
  titles: (name: string) => string,
): string {
  const lines = [
    ['', ...names.map(titles)],
    ['---', ...names.map(() => '---:')],
    ...table.map((measured) => [measured.row.label, ...names.map((name) => shown(measured, name))]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Why cells are empty, one line each, equal reasons together. */
export function reasons(table: readonly Measured[]): string[] {
  const found = new Map<string, string[]>();
  for (const { row, cells } of table)
    for (const [name, { why }] of cells)
      if (why !== undefined) found.set(`${name}: ${why}`, [...(found.get(`${name}: ${why}`) ?? []), row.id]);
  return [...found].map(([why, rows]) => `${why} (${rows.join(', ')})`);
}

/** Where results differ from ours, and by how much. */
export const differences = (table: readonly Measured[]): string[] =>
  table.flatMap((measured) =>
    [...measured.cells]
      .filter(([name]) => agrees(measured, name) === false)
      .map(([name, { result }]) => {
        const gap = distance(result, measured.cells.get(base)?.result ?? []);
        return `${measured.row.id}: ${name} differs by ${gap.toExponential(1)} (tolerance ${measured.row.tolerance})`;
      }),
  );

/** A goal, held against its rows. */
export interface Verdict extends Goal {
  /** Rows with both contenders, and the peer's CPU time over ours in each. */
  readonly found: Readonly<Record<string, number>>;
  readonly met: boolean | null;
}

/** Which goals the table meets: null where no row of a goal was measured. */
export function judge(table: readonly Measured[], goals: readonly Goal[]): Verdict[] {
  return goals.map((goal) => {
    const found: Record<string, number> = {};
    for (const measured of table)
      if (goal.rows.includes(measured.row.id)) {
        const value = ratio(measured, goal.peer, 'cpu', goal.ours);
        if (!Number.isNaN(value)) found[measured.row.id] = value;
      }
    const values = Object.values(found);
    return { ...goal, found, met: values.length === 0 ? null : values.every((value) => value >= goal.least) };
  });
}

/** One line of a verdict: ours in times of the peer where we may be slower, else how many times as fast. */
export function verdictLine({ peer, least, ours = base, found, met }: Verdict): string {
  const slower = least < 1;
  const times = (x: number): string => String(Number((slower ? 1 / x : x).toPrecision(3)));
  const wanted = slower
    ? `at most ${times(least)}x the time of ${peer}`
    : `at least ${times(least)}x as fast as ${peer}`;
  const figures = Object.entries(found).map(([row, x]) => `${row} ${times(x)}${x < least ? ' (missed)' : ''}`);
  const state = met === null ? 'not measured' : met ? 'met' : 'missed';
  return `${state}: ${ours}, ${wanted}${figures.length === 0 ? '' : `: ${figures.join(', ')}`}`;
}

/** What contenders said of their accuracy, a line per row that has any. */
export const accuracies = (table: readonly Measured[]): string[] =>
  table.flatMap(({ row, cells }) => {
    const said = [...cells].flatMap(([name, { notes }]) => {
      const figures = Object.entries(notes).map(([what, x]) => `${what} ${x.toExponential(0)}`);
      return figures.length === 0 ? [] : [`${name} ${figures.join(' ')}`];
    });
    return said.length === 0 ? [] : [`${row.id}: ${said.join(', ')}`];
  });
