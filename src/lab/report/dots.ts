import { linearScale } from './scale.ts';
import { element, label, type Markup, picture, shorten } from './svg.ts';

/** A measured value with what it varies by, ± one standard deviation; null where it was measured once. */
export interface Dot {
  readonly label: string;
  readonly value: number;
  readonly spread: number | null;
  readonly text: string;
  /** Which colour; see `slotsOf`. */
  readonly slot: number;
}

const width = 860;
const left = 150;
/** Room at the right for the numbers. */
const right = 120;
const row = 22;

/** Values as dots with their spread as whiskers, on an axis that need not begin at zero. What is not finite gets no dot. */
export function dotChart(title: string, dots: readonly Dot[], axis: string): Markup {
  const ends = dots.flatMap(({ value, spread }) => [value - (spread ?? 0), value + (spread ?? 0)]);
  const scale = linearScale(ends.filter(Number.isFinite));
  const x = (value: number): number => left + scale.at(value) * (width - left - right);
  const bottom = dots.length * row + 8;
  const ticks = scale.ticks.map((tick) => [
    element('line', { class: 'grid', x1: x(tick), y1: 0, x2: x(tick), y2: bottom }),
    label(x(tick), bottom + 16, scale.label(tick), { class: 'tick', 'text-anchor': 'middle' }),
  ]);
  const marks = dots.map(({ label: name, value, spread, text, slot }, i) => {
    const y = i * row + 14;
    const whisker =
      spread === null || !Number.isFinite(value)
        ? null
        : element('line', { class: 'curve', x1: x(value - spread), y1: y, x2: x(value + spread), y2: y });
    return element(
      'g',
      { class: `c${slot}` },
      element('title', {}, `${name}: ${text}`),
      label(left - 10, y + 4, shorten(name, 19), { class: 'row', 'text-anchor': 'end' }),
      whisker,
      Number.isFinite(value) ? element('circle', { class: 'end', cx: x(value), cy: y, r: 4 }) : null,
      label(width - right + 10, y + 4, text, { class: 'value' }),
    );
  });
  const description = `${title}: ${dots.map((dot) => `${dot.label} ${dot.text}`).join(', ')}`;
  const caption = label((left + width - right) / 2, bottom + 34, axis, { class: 'axis', 'text-anchor': 'middle' });
  return element(
    'figure',
    { class: 'panel dots' },
    element('figcaption', {}, title),
    picture(width, bottom + 40, description, ticks, marks, caption),
  );
}
