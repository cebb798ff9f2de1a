import type { MethodResult, Spectrum } from '../results.ts';
import { formatNumber } from '../terminal/format.ts';
import { linearScale, logScale, type Scale } from './scale.ts';
import { type Point, strokes, thin } from './strokes.ts';
import { element, label, type Markup, pathOf, picture } from './svg.ts';
import { slotsOf } from './theme.ts';

/** Spectra of one method. */
type Spectral = Pick<MethodResult, 'method' | 'label' | 'spectra'>;

interface Panel {
  readonly method: Spectral;
  readonly slot: number;
  readonly spectrum: Spectrum;
}

const WIDTH = 220;
const HEIGHT = 158;
const BOX = { left: 34, right: WIDTH - 6, top: 8, bottom: HEIGHT - 22 } as const;

/** Singular-value spectra as small multiples: a row for each layer with one panel for each method, on common axes. */
export function spectraPanels(methods: readonly Spectral[]): Markup {
  const layers = [...new Set(methods.flatMap((method) => method.spectra.map((spectrum) => spectrum.layer)))];
  const slots = slotsOf(methods.map(({ method }) => method));
  const rows = layers.map((layer) => {
    const panels = methods.flatMap((method, index) => {
      const spectrum = method.spectra.find((one) => one.layer === layer);
      return spectrum === undefined ? [] : [{ method, slot: slots[index], spectrum }];
    });
    return layerRow(layer, panels);
  });
  return element('div', { class: 'spectra' }, rows);
}

function layerRow(layer: string, panels: readonly Panel[]): Markup {
  const values = panels.flatMap(({ spectrum }) => [...spectrum.before, ...spectrum.after]);
  const length = Math.max(1, ...panels.map(({ spectrum }) => Math.max(spectrum.before.length, spectrum.after.length)));
  const y = spectrumScale(values);
  const x = linearScale([1, length], { ticks: 3, nice: false });
  return element(
    'section',
    {},
    element(
      'h3',
      {},
      element('code', {}, layer),
      y.kind === 'log' ? element('span', { class: 'soft' }, ' log scale') : null,
    ),
    element(
      'div',
      { class: 'multiples' },
      panels.map((panel) => spectrumPanel(panel, x, y)),
    ),
  );
}

/**
 * Linear from zero, where the bulk and an inflated head can be compared by eye; logarithmic when the head is so large
 * (30 times the median) that the bulk would lie flat on the axis.
 */
function spectrumScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value)).sort((a, b) => a - b);
  const median = positive[positive.length >> 1] ?? 1;
  const most = positive.at(-1) ?? 1;
  if (most / median < 30) return linearScale([0, ...values], { ticks: 3 });
  // Values under a ten-thousandth of the largest are drawn on the floor: rounding noise of a singular matrix.
  return logScale([Math.max(positive[0] as number, most / 1e4), most], { ticks: 4 });
}

function spectrumPanel({ method, slot, spectrum }: Panel, x: Scale, y: Scale): Markup {
  const largest = (values: readonly number[]): string => (values[0] === undefined ? 'none' : formatNumber(values[0]));
  const description =
    `Singular values of ${spectrum.layer} under ${method.label}: ` +
    `largest ${largest(spectrum.before)} before, ${largest(spectrum.after)} after training`;
  return element(
    'figure',
    { class: `panel c${slot}` },
    element('figcaption', {}, method.label),
    picture(
      WIDTH,
      HEIGHT,
      description,
      grid(y),
      xTicks(x),
      curve(spectrum.before, 'before', 'Before training', x, y),
      curve(spectrum.after, 'curve', 'After training', x, y),
    ),
  );
}

const across = (u: number): number => BOX.left + u * (BOX.right - BOX.left);
const down = (v: number): number => BOX.bottom - v * (BOX.bottom - BOX.top);

function curve(values: readonly number[], name: string, title: string, x: Scale, y: Scale): Markup {
  const points: Point[] = values.map((value, i) => ({ x: i + 1, y: value }));
  const runs = strokes(points, x, y).map((run) => thin(run, WIDTH).map((p) => ({ x: across(p.x), y: down(p.y) })));
  return element(
    'g',
    {},
    element('title', {}, title),
    runs.map((run) => element('path', { class: name, d: pathOf(run) })),
  );
}

function grid(y: Scale): Markup[] {
  return y.ticks.flatMap((tick) => {
    const height = down(y.at(tick));
    return [
      element('line', { class: 'grid', x1: BOX.left, y1: height, x2: BOX.right, y2: height }),
      label(BOX.left - 5, height + 3.5, y.label(tick), { class: 'tick small', 'text-anchor': 'end' }),
    ];
  });
}

function xTicks(x: Scale): Markup[] {
  const line = element('line', { class: 'frame', x1: BOX.left, y1: BOX.bottom, x2: BOX.right, y2: BOX.bottom });
  const ticks = x.ticks.map((tick) => {
    const anchor = x.at(tick) > 0.95 ? 'end' : 'middle';
    return label(across(x.at(tick)), BOX.bottom + 14, x.label(tick), { class: 'tick small', 'text-anchor': anchor });
  });
  return [line, ...ticks];
}
