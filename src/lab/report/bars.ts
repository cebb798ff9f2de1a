import { element, label, type Markup, picture, shorten } from './svg.ts';

/** One bar: a method's name, the number, and the number in words. A value that is NaN or infinite gets no bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** Which colour; see `slotsOf`. */
  readonly slot: number;
}

const WIDTH = 320;
const LEFT = 66;
/** Room at the right for the number of the longest bar. */
const RIGHT = 72;
const ROW = 26;

/** Horizontal bars from zero, their lengths proportional to their values; negative values get no bar. */
export function barChart(title: string, bars: readonly Bar[]): Markup {
  const most = Math.max(0, ...bars.map((bar) => (Number.isFinite(bar.value) ? bar.value : 0)));
  const height = Math.max(1, bars.length) * ROW + 6;
  const description = `${title}: ${bars.map((bar) => `${bar.label} ${bar.text}`).join(', ')}`;
  const rows = bars.map((bar, i) => {
    const share = most > 0 && bar.value > 0 && Number.isFinite(bar.value) ? bar.value / most : 0;
    const length = share * (WIDTH - LEFT - RIGHT);
    const y = i * ROW + 4;
    return element(
      'g',
      { class: `c${bar.slot}` },
      element('title', {}, `${bar.label}: ${bar.text}`),
      label(LEFT - 8, y + 14, shorten(bar.label, 10), { class: 'row', 'text-anchor': 'end' }),
      element('rect', { class: 'bar', x: LEFT, y, width: length, height: ROW - 8, rx: Math.min(2, length / 2) }),
      label(LEFT + length + 6, y + 14, bar.text, { class: 'value' }),
    );
  });
  return element(
    'figure',
    { class: 'panel' },
    element('figcaption', {}, title),
    picture(
      WIDTH,
      height,
      description,
      element('line', { class: 'frame', x1: LEFT, y1: 0, x2: LEFT, y2: height }),
      rows,
    ),
  );
}
