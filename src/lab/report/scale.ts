import { groupThousands } from '../terminal/format.ts';

/** Maps numbers to 0..1 along an axis, and says where its ticks stand. */
export interface Scale {
  readonly kind: 'linear' | 'log';
  /** Ends of the axis; every drawable number the scale was made from lies between them. */
  readonly domain: readonly [number, number];
  /** Ascending, inside the domain. */
  readonly ticks: readonly number[];
  /** Position 0..1 (numbers beyond the domain go to its end); NaN where a number cannot be drawn on this axis. */
  readonly at: (value: number) => number;
  /** A tick in words, each different from the others. */
  readonly label: (tick: number) => string;
}

/** How an axis is laid out. */
export interface ScaleOptions {
  /** About how many ticks (default 5, at least 3). */
  readonly ticks?: number;
  /** Whether the axis is lengthened to end at ticks (default true). */
  readonly nice?: boolean;
}

/** Beyond this size a number is treated like infinity, so that differences and ratios stay finite. */
const LARGEST = 1e300;
const SMALLEST = 1e-300;

/** Whether a number can be drawn on an axis of this kind: finite, and on a log axis positive. */
export function drawable(value: number, kind: 'linear' | 'log'): boolean {
  return Math.abs(value) <= LARGEST && (kind === 'linear' || value >= SMALLEST);
}

/** A linear axis over the drawable ones of `values`; with none, 0..1; with a single one, some space on both sides. */
export function linearScale(values: Iterable<number>, { ticks: wanted = 5, nice = true }: ScaleOptions = {}): Scale {
  let [lo, hi] = extent(values, 'linear') ?? [0, 1];
  if (hi - lo <= 1e-9 * Math.max(Math.abs(lo), Math.abs(hi)) || hi - lo < SMALLEST) {
    const space = Math.max(Math.abs(lo), Math.abs(hi)) * 0.1;
    [lo, hi] = space < SMALLEST ? [lo, lo + 1] : [lo - space, hi + space];
  }
  const step = niceStep((hi - lo) / Math.max(3, wanted));
  const slack = 1e-9; // 0.3 / 0.1 is 2.9999999999999996
  const first = nice ? Math.floor(lo / step.size + slack) : Math.ceil(lo / step.size - slack);
  const last = nice ? Math.ceil(hi / step.size - slack) : Math.floor(hi / step.size + slack);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => step.times(first + i));
  if (nice) [lo, hi] = [Math.min(lo, ticks[0] as number), Math.max(hi, ticks[ticks.length - 1] as number)];
  const exponential = step.exponent < -4 || Math.max(Math.abs(lo), Math.abs(hi)) >= 1e7;
  return {
    kind: 'linear',
    domain: [lo, hi],
    ticks,
    at: (value) => (drawable(value, 'linear') ? clamp((value - lo) / (hi - lo)) : Number.NaN),
    label: (tick) =>
      exponential ? withExponent(tick, step.exponent) : groupThousands(tick.toFixed(Math.max(0, -step.exponent))),
  };
}

/** A logarithmic axis over the positive ones of `values`, little longer than they are, marked at 1, 2, 5 times powers of ten. */
export function logScale(values: Iterable<number>, { ticks: count = 5 }: ScaleOptions = {}): Scale {
  const [least, most] = extent(values, 'log') ?? [0.1, 1];
  let first = rungBelow(least * (1 - 1e-12)) + 1;
  let last = rungBelow(most * (1 + 1e-12));
  let [lo, hi] = [outward(least, Math.floor), outward(most, Math.ceil)];
  if (first >= last) {
    if (rung(first) > least) first--;
    if (last <= first) last++;
    [lo, hi] = [Math.min(lo, rung(first)), Math.max(hi, rung(last))];
  }
  const span = Math.log(hi) - Math.log(lo);
  return {
    kind: 'log',
    domain: [lo, hi],
    ticks: logTicks(first, last, count).map(rung),
    at: (value) => (drawable(value, 'log') ? clamp((Math.log(value) - Math.log(lo)) / span) : Number.NaN),
    label: (tick) =>
      tick >= 1e5 || tick < 1e-4
        ? withExponent(tick, Math.floor(Math.log10(tick) + 1e-9))
        : groupThousands(String(tick)),
  };
}

/** A log axis when `values` are all positive and span at least a factor of `ratio`, else a linear one. */
export function autoScale(values: Iterable<number>, options: ScaleOptions = {}, ratio = 20): Scale {
  const all = [...values];
  const range = extent(all, 'linear');
  const wide = range !== null && range[0] >= SMALLEST && range[1] / range[0] >= ratio;
  return wide ? logScale(all, options) : linearScale(all, options);
}

const clamp = (x: number): number => Math.min(1, Math.max(0, x));

function extent(values: Iterable<number>, kind: 'linear' | 'log'): [number, number] | null {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!drawable(value, kind)) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  return lo <= hi ? [lo, hi] : null;
}

/** 1, 2 or 5 times a power of ten, the nearest to `wanted`; `times` multiplies without rounding noise (0.1·3 = 0.3). */
function niceStep(wanted: number): { size: number; exponent: number; times: (i: number) => number } {
  const power = Math.floor(Math.log10(wanted));
  const part = wanted / 10 ** power;
  // Borders halfway between neighbours, by ratio.
  const digit = part < Math.SQRT2 ? 1 : part < Math.sqrt(10) ? 2 : part < Math.sqrt(50) ? 5 : 10;
  const [unit, exponent] = digit === 10 ? [1, power + 1] : [digit, power];
  const times = (i: number): number => (exponent < 0 ? (i * unit) / 10 ** -exponent : i * unit * 10 ** exponent);
  return { size: times(1), exponent, times };
}

/** `value` rounded down or up to two digits. */
function outward(value: number, round: (x: number) => number): number {
  const power = 10 ** (Math.floor(Math.log10(value)) - 1);
  const found = round(value / power) * power;
  return round === Math.floor ? Math.min(found, value) : Math.max(found, value);
}

/** The numbers 1, 2, 5, 10, 20, 50 … by index: rung(0) = 1, rung(-1) = 0.5. */
function rung(index: number): number {
  const e = Math.floor(index / 3);
  const digit = [1, 2, 5][index - 3 * e] as number;
  return e < 0 ? digit / 10 ** -e : digit * 10 ** e;
}

/** Index of the largest rung <= value. */
function rungBelow(value: number): number {
  let index = 3 * Math.floor(Math.log10(value)) - 1;
  while (rung(index + 1) <= value) index++;
  return index;
}

/** The rungs to mark: all of them if few, else powers of ten, else every second, third … power. */
function logTicks(first: number, last: number, count: number): number[] {
  const rungs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const powers = rungs.filter((index) => index % 3 === 0);
  if (rungs.length <= 2 * count || powers.length < 2) return rungs;
  const stride = Math.ceil(powers.length / (count + 1));
  const aligned = powers.filter((index) => (index / 3) % stride === 0);
  return aligned.length >= 2 ? aligned : powers.filter((_, i) => i % stride === 0);
}

/** `1.5e7`: as many digits as tell apart ticks that are `10 ** exponent` from each other. */
function withExponent(tick: number, exponent: number): string {
  if (tick === 0) return '0';
  const digits = Math.max(0, Math.floor(Math.log10(Math.abs(tick)) + 1e-9) - exponent);
  return tick.toExponential(Math.min(digits, 15)).replace('e+', 'e');
}
