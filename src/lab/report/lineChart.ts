import type { Scale } from './scale.ts';
import { type Point, type Series, strokes, thin } from './strokes.ts';
import { element, label, type Markup, pathOf, picture, shorten } from './svg.ts';

/** The parts of a line chart that its data do not decide. */
export interface LineChartOptions {
  /** Read out in place of the picture. */
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly width?: number;
  readonly height?: number;
}

/** Where the plot lies inside its picture, in the picture's units. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const LABEL_GAP = 17;

/** A chart of named curves with a grid, both axes, and each curve's name beside its end. */
export function lineChart(series: readonly Series[], options: LineChartOptions): Markup {
  const { width = 520, height = 360, x, y } = options;
  const box: Box = { left: 48, top: 26, right: width - 84, bottom: height - 44 };
  const place = (point: Point): Point => placed(point, box);
  const curves = series.map((one) => ({
    one,
    runs: strokes(one.points, x, y).map((run) => thin(run, 240).map(place)),
  }));
  return picture(
    width,
    height,
    options.description,
    yAxis(y, box),
    xAxis(x, box),
    label(box.left, 13, options.yLabel, { class: 'axis' }),
    label(box.right, height - 6, options.xLabel, { class: 'axis', 'text-anchor': 'end' }),
    curves.map(({ one, runs }) =>
      element(
        'g',
        { class: `c${one.slot}` },
        element('title', {}, one.label),
        runs.map((run) => element('path', { class: 'curve', d: pathOf(run) })),
      ),
    ),
    endLabels(
      curves.map(({ one, runs }) => ({ one, end: runs.at(-1)?.at(-1) })),
      box,
    ),
  );
}

const placed = (point: Point, box: Box): Point => ({
  x: box.left + point.x * (box.right - box.left),
  y: box.bottom - point.y * (box.bottom - box.top),
});

function yAxis(scale: Scale, box: Box): Markup[] {
  return scale.ticks.flatMap((tick) => {
    const { y } = placed({ x: 0, y: scale.at(tick) }, box);
    return [
      element('line', { class: 'grid', x1: box.left, y1: y, x2: box.right, y2: y }),
      label(box.left - 7, y + 4, scale.label(tick), { class: 'tick', 'text-anchor': 'end' }),
    ];
  });
}

function xAxis(scale: Scale, box: Box): Markup[] {
  const marks = scale.ticks.flatMap((tick) => {
    const { x } = placed({ x: scale.at(tick), y: 0 }, box);
    return [
      element('line', { class: 'frame', x1: x, y1: box.bottom, x2: x, y2: box.bottom + 4 }),
      label(x, box.bottom + 18, scale.label(tick), { class: 'tick', 'text-anchor': 'middle' }),
    ];
  });
  return [element('line', { class: 'frame', x1: box.left, y1: box.bottom, x2: box.right, y2: box.bottom }), ...marks];
}

/** Names at the right edge, moved apart where they would overlap, each joined to its curve's end by a thin line. */
function endLabels(ends: readonly { readonly one: Series; readonly end: Point | undefined }[], box: Box): Markup[] {
  const named = ends.flatMap(({ one, end }) => (end === undefined ? [] : [{ one, end }]));
  const heights = spread(
    named.map(({ end }) => end.y),
    LABEL_GAP,
    box.top,
    box.bottom,
  );
  return named.map(({ one, end }, i) => {
    const y = heights[i] as number;
    const turn = [end, { x: Math.max(end.x, box.right), y: end.y }, { x: box.right + 11, y }];
    return element(
      'g',
      { class: `c${one.slot}` },
      element('path', { class: 'leader', d: pathOf(turn) }),
      element('circle', { class: 'end', cx: end.x, cy: end.y, r: 2.6 }),
      label(box.right + 15, y + 4, shorten(one.label, 10), { class: 'name' }),
    );
  });
}

/** The places nearest to `wanted`, in the same order up and down, `gap` apart and in lo..hi as far as there is room. */
export function spread(wanted: readonly number[], gap: number, lo: number, hi: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const step = Math.min(gap, (hi - lo) / Math.max(1, wanted.length - 1));
  const found = [...wanted];
  let least = lo;
  for (const i of order) {
    found[i] = Math.max(least, wanted[i] as number);
    least = (found[i] as number) + step;
  }
  let most = hi;
  for (const i of order.reverse()) {
    found[i] = Math.max(lo, Math.min(most, found[i] as number));
    most = (found[i] as number) - step;
  }
  return found;
}
