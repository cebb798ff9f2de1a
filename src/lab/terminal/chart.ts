import { autoScale, linearScale, logScale, type Scale } from '../report/scale.ts';
import { type Point, type Series, strokes } from '../report/strokes.ts';
import { type Canvas, createCanvas } from './braille.ts';
import { paint } from './colour.ts';
import { cut, displayWidth, oneLine, pad } from './width.ts';

/** How a terminal chart is drawn. */
export interface ChartOptions {
  readonly title?: string;
  readonly xLabel?: string;
  /** Columns in all, at least 40 (default 80). */
  readonly width?: number;
  /** Rows of the plot itself, at least 4 (default 16). */
  readonly height?: number;
  /** Logarithmic y axis; `'auto'` (default) when the values are positive and span a factor of 20. */
  readonly log?: boolean | 'auto';
  /** Colour by terminal escapes (default false). Without it letters along the curves tell them apart. */
  readonly colour?: boolean;
}

interface Plot {
  readonly canvas: Canvas;
  readonly x: Scale;
  readonly y: Scale;
  /** Letters of the curves that end in each row. */
  readonly ends: ReadonlyMap<number, readonly number[]>;
}

/**
 * A line chart of several curves as text, drawn with braille dots: title, legend, plot, x axis. Each curve has a letter,
 * shown in the legend and beside the row where the curve ends. No line is wider than `width`; none ends in a line break.
 */
export function renderChart(series: readonly Series[], options: ChartOptions = {}): string {
  const { title, xLabel = '', height = 16, log = 'auto', colour = false } = options;
  const width = Math.max(40, Math.floor(options.width ?? 80));
  const rows = Math.max(4, Math.floor(height));
  const values = series.flatMap((one) => one.points.map((point) => point.y));
  const ticks = { ticks: Math.floor(rows / 3) };
  const y = log === 'auto' ? autoScale(values, ticks) : log ? logScale(values, ticks) : linearScale(values, ticks);
  const gutter = Math.max(...y.ticks.map((tick) => y.label(tick).length)) + 1;
  const room = Math.min(series.length, 8) + 1;
  const columns = Math.max(8, width - gutter - 1 - room);
  const x = linearScale(
    series.flatMap((one) => one.points.map((point) => point.x)),
    { ticks: Math.floor(columns / 10), nice: false },
  );
  const letters = chooseLetters(series.map((one) => one.label));
  const tint = (text: string, owner: number): string => (colour ? paint(text, series[owner]?.slot ?? 0) : text);
  const plot = draw(series, letters, createCanvas(columns, rows), x, y, !colour);
  const key = series.map((one, i) => [`${letters[i]} ${cut(oneLine(one.label), width - 2)}`, i] as const);
  return [
    ...(title === undefined ? [] : [cut(oneLine(y.kind === 'log' ? `${title} (log scale)` : title), width)]),
    ...legend(key, width, tint),
    ...plotLines(plot, letters, gutter, room, tint),
    ...xAxis(x, gutter, columns, cut(oneLine(xLabel), width - gutter)),
  ].join('\n');
}

/** A different letter for each label: its first letter or digit still free, else any that is. */
function chooseLetters(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    const candidates = `${label.toUpperCase().replace(/[^A-Z0-9]/g, '')}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;
    const letter = [...candidates].find((one) => !taken.has(one)) ?? '*';
    taken.add(letter);
    return letter;
  });
}

function draw(
  series: readonly Series[],
  letters: readonly string[],
  canvas: Canvas,
  x: Scale,
  y: Scale,
  marked: boolean,
): Plot {
  const across = (u: number): number => Math.round(u * (canvas.columns * 2 - 1));
  const down = (v: number): number => Math.round((1 - v) * (canvas.rows * 4 - 1));
  const ends = new Map<number, number[]>();
  const mapped = series.map((one) => strokes(one.points, x, y));
  mapped.forEach((curve, owner) => {
    for (const stroke of curve)
      stroke.forEach((point, i) => {
        const from = stroke[i - 1] ?? point;
        canvas.line(across(from.x), down(from.y), across(point.x), down(point.y), owner);
      });
    const end = curve.at(-1)?.at(-1);
    if (end === undefined) return;
    const row = down(end.y) >> 2;
    ends.set(row, [...(ends.get(row) ?? []), owner]);
  });
  if (marked)
    mapped.forEach((curve, owner) => {
      for (const at of markers(owner, series.length)) {
        const point = nearest(curve.flat(), at);
        if (point !== null) canvas.letter(across(point.x) >> 1, down(point.y) >> 2, letters[owner] as string, owner);
      }
    });
  return { canvas, x, y, ends };
}

/** Three places along the x axis for the letter of curve i of n, different for each curve. */
const markers = (i: number, n: number): number[] => [0, 1, 2].map((third) => (third + (i + 1) / (n + 1)) / 3);

/** The point nearest to u along x, if one is within a twentieth of the width. */
function nearest(points: readonly Point[], u: number): Point | null {
  let best: Point | null = null;
  for (const point of points) if (Math.abs(point.x - u) < Math.abs((best?.x ?? 9) - u)) best = point;
  return best !== null && Math.abs(best.x - u) <= 0.05 ? best : null;
}

/** The legend, as many entries on a line as fit. */
function legend(
  key: readonly (readonly [string, number])[],
  width: number,
  tint: (text: string, owner: number) => string,
): string[] {
  const lines: string[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [text, owner] of key) {
    const size = displayWidth(text);
    if (used + 3 + size > width) {
      lines.push(tint(text, owner));
      used = size;
    } else {
      lines.push(`${lines.pop()}   ${tint(text, owner)}`);
      used += 3 + size;
    }
  }
  return lines;
}

function plotLines(
  plot: Plot,
  letters: readonly string[],
  gutter: number,
  room: number,
  tint: (text: string, owner: number) => string,
): string[] {
  const { canvas, y, ends } = plot;
  const labels = new Map(
    y.ticks.map((tick) => [Math.round((1 - y.at(tick)) * (canvas.rows * 4 - 1)) >> 2, y.label(tick)]),
  );
  return Array.from({ length: canvas.rows }, (_, row) => {
    const label = labels.get(row);
    let line = `${pad(label ?? '', gutter - 1, 'right')} ${label === undefined ? '│' : '┤'}`;
    for (let column = 0; column < canvas.columns; column++) {
      const { text, owner } = canvas.cell(column, row);
      line += owner < 0 ? text : tint(text, owner);
    }
    const here = (ends.get(row) ?? []).slice(0, room - 1).map((owner) => tint(letters[owner] as string, owner));
    return here.length === 0 ? line.trimEnd() : `${line} ${here.join('')}`;
  });
}

/** The axis, its tick labels (those that would touch the one before are left out), and what it measures. */
function xAxis(x: Scale, gutter: number, columns: number, name: string): string[] {
  const axis = Array.from({ length: columns }, () => '─');
  let labels = '';
  for (const tick of x.ticks) {
    const column = Math.round(x.at(tick) * (columns * 2 - 1)) >> 1;
    axis[column] = '┬';
    const text = x.label(tick);
    const start = Math.max(0, Math.min(gutter + 1 + column - (text.length >> 1), gutter + 1 + columns - text.length));
    if (labels === '' || start > labels.length + 1) labels = labels.padEnd(start) + text;
  }
  const lines = [`${' '.repeat(gutter)}└${axis.join('')}`, labels];
  if (name === '') return lines;
  const end = gutter + 1 + columns;
  return [...lines, `${' '.repeat(Math.max(0, end - displayWidth(name)))}${name}`];
}
