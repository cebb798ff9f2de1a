import { lineChart } from './lineChart.ts';
import { figure } from './page.ts';
import { autoScale, linearScale, type Scale } from './scale.ts';
import type { Series } from './strokes.ts';
import type { Markup } from './svg.ts';

/** What a figure of curves says besides its curves. */
export interface CurveOptions {
  /** Read out in place of the picture. */
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The x axis reaches at least from 0 to here. Default 0. */
  readonly most?: number;
  /** Default: an axis over all points, logarithmic where they are positive and span a factor of 20. */
  readonly y?: Scale;
}

/** Curves under a title, on an x axis that begins at 0; the label of a logarithmic y axis says so. */
export function curveFigure(title: string, series: readonly Series[], options: CurveOptions): Markup {
  const points = series.flatMap((one) => one.points);
  const { description, xLabel, most = 0, y = autoScale(points.map((point) => point.y)) } = options;
  const x = linearScale([0, most, ...points.map((point) => point.x)], { nice: false });
  const yLabel = y.kind === 'log' ? `${options.yLabel} (log scale)` : options.yLabel;
  return figure(title, lineChart(series, { description, xLabel, yLabel, x, y }));
}
