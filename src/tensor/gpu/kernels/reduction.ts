import type { Norm, Spread } from '../../cpu/statistics.ts';
import type { Spec } from '../../kernel.ts';
import type { Tensor } from '../../tensor.ts';
import { mostFinite } from '../functions.ts';
import type { GpuArray } from '../held.ts';
import { type GpuKernel, type GpuTable, gpuKernel, type Launcher, rowsOf } from '../overlay.ts';
import {
  type Blocks,
  blocksOn,
  extremum,
  largest,
  offsets,
  type Reduction,
  reduction,
  scattered,
  sums,
} from '../reduce.ts';
import { divided, kernelText } from '../text.ts';

const whole = 'adds up and multiplies float32 numbers only';

/** A reduction over axes; `exact` where int32 is the device's too, which only compares. */
const over = (reduce: Reduction, exact: boolean): GpuKernel =>
  gpuKernel<readonly number[]>({
    refuses: ([x], axes) => (x.dtype === 'int32' && !exact ? whole : scattered(x, axes)),
    run(on, [x], axes) {
      const { array, ...blocks } = blocksOn(on, x, axes);
      return [reduce(on, blocks, [array])];
    },
  });

const products = reduction('prod', {
  start: 'let total = 1;',
  each: 'total = total * x[at];',
  merge: 'total = total * part;',
  nothing: 1,
});

const smallest = extremum('min', -1);

/** Of truth values: whether one is `decisive`. */
function quantifier(name: string, decisive: 0 | 1): Reduction {
  const take = (v: string): string => `if (${v} === ${decisive}) { total = ${decisive}; }`;
  return reduction(name, {
    start: `let total = ${1 - decisive};`,
    each: take('x[at]'),
    merge: take('part'),
    nothing: 1 - decisive,
  });
}

/** Number of the first entry that is the extremum `top`; NaN, when that is. */
const places = reduction('places', {
  arrays: ['x', 'top'],
  start: 'let total = 16777216;',
  each: `const v = x[at];
    const most = top[row];
    let same = 1;
    if (most >= 0 || most < 0) {
      if (v < most || v > most) { same = 0; }
    } else if (v >= 0 || v < 0) { same = 0; }
    if (same === 1 && m < total) { total = m; }`,
  merge: 'if (part < total) { total = part; }',
  nothing: 0,
});

/** Where the extremum of each row of the last axis is. */
const place = (extreme: Reduction): GpuKernel =>
  gpuKernel({
    run(on, [x]) {
      const [outer, middle] = rowsOf(x);
      const blocks = { outer, middle, inner: 1 };
      return [places(on, blocks, [x.array, extreme(on, blocks, [x.array])])];
    },
  });

const spread = (name: string, result: string): Reduction =>
  reduction(name, {
    arrays: ['x', 'shift'],
    numbers: ['divisor'],
    start: 'let total = 0;',
    each: 'const d = x[at] - x[base] - shift[row]; total += d * d;',
    merge: 'total += part;',
    result,
    nothing: Number.NaN,
  });
const variances = spread('variance', 'total / divisor');
const deviations = spread('deviation', 'Math.sqrt(total / divisor)');

const centreText = kernelText(
  'centre',
  `function (x, offset, middle, inner) {
    const at = this.thread.x;
    ${divided('line', 'i', 'at', 'inner')}
    ${divided('o', 'm', 'line', 'middle')}
    return x[at] - x[o * middle * inner + i] - offset[o * inner + i];
  }`,
);

/** Σ e^(x − top) of what lies below the largest, and how often that is there: of both, ln Σ eˣ keeps its digits. */
const others = reduction('others', {
  arrays: ['x', 'top'],
  start: 'let total = 0;',
  each: 'if (x[at] < top[row]) { total += expOf(x[at] - top[row]); }',
  merge: 'total += part;',
  nothing: 0,
});
const ties = reduction('ties', {
  arrays: ['x', 'top'],
  start: 'let total = 0;',
  each: 'if (x[at] === top[row]) { total += 1; }',
  merge: 'total += part;',
  nothing: 0,
});
const logSumExpText = kernelText(
  'logSumExp',
  `function (top, below, same) {
    const i = this.thread.x;
    const most = top[i];
    let y = most;
    if (Math.abs(most) <= ${mostFinite}) { y = most + log1pOf(below[i] + (same[i] - 1)); }
    return y;
  }`,
);

function logSumExp(on: Launcher, blocks: Blocks, x: GpuArray): GpuArray {
  const top = largest(on, blocks, [x]);
  const args = [top, others(on, blocks, [x, top]), ties(on, blocks, [x, top])];
  return on.launch(logSumExpText, blocks.outer * blocks.inner, args);
}

/** √Σx² as scale·√squares, the scale the largest |x|: squares stay in the range of float32. */
const length = (v: string): string => `
  const size = Math.abs(${v});
  if (size > scale) {
    squares = 1 + squares * (scale / size) * (scale / size);
    scale = size;
  } else if (size > 0 && scale <= ${mostFinite}) {
    squares += (size / scale) * (size / scale);
  } else if (size >= 0) {
    scale = scale;
  } else {
    scale = size;
  }`;

/** √Σx². */
export const lengths: Reduction = reduction('norm.2', {
  start: 'let scale = 0; let squares = 0;',
  each: length('x[at]'),
  piece: 'scale * Math.sqrt(squares)',
  merge: length('part'),
  nothing: 0,
});
const distances = reduction('norm.1', {
  start: 'let total = 0;',
  each: 'total += Math.abs(x[at]);',
  merge: 'total += part;',
  nothing: 0,
});
const sizes = reduction('norm.max', {
  start: 'let total = 0;',
  each: `const v = Math.abs(x[at]);
    let next = total + v;
    if (v > total) { next = v; }
    if (v <= total) { next = total; }
    total = next;`,
  merge: 'let top = total + part; if (part > total) { top = part; } if (part <= total) { top = total; } total = top;',
  nothing: 0,
});
const norms = new Map<number, Reduction>([
  [1, distances],
  [2, lengths],
  [Infinity, sizes],
]);

const refusesAxes = ([x]: readonly Tensor[], { axes }: { readonly axes: readonly number[] }): string | null =>
  scattered(x as Spec, axes);

/** What becomes of many numbers: one. */
export const reductions: GpuTable = {
  sum: over(sums, false),
  prod: over(products, false),
  max: over(largest, true),
  min: over(smallest, true),
  any: over(quantifier('any', 1), true),
  all: over(quantifier('all', 0), true),
  argmax: place(largest),
  argmin: place(smallest),
  variance: gpuKernel<Spread>({
    refuses: refusesAxes,
    run(on, [x], { axes, correction, root }) {
      const { array, ...blocks } = blocksOn(on, x, axes);
      const offset = offsets(on, blocks, [array], { n: blocks.middle });
      const divisor = Math.max(0, blocks.middle - correction);
      return [(root ? deviations : variances)(on, blocks, [array, offset], { divisor })];
    },
  }),
  centre: gpuKernel<number>({
    run(on, [x], axis) {
      const { array, ...blocks } = blocksOn(on, x, [axis]);
      const offset = offsets(on, blocks, [array], { n: blocks.middle });
      return [on.launch(centreText, x.size, [array, offset, blocks.middle, blocks.inner])];
    },
  }),
  logSumExp: gpuKernel<readonly number[]>({
    refuses: ([x], axes) => scattered(x, axes),
    run(on, [x], axes) {
      const { array, ...blocks } = blocksOn(on, x, axes);
      return [logSumExp(on, blocks, array)];
    },
  }),
  norm: gpuKernel<Norm>({
    refuses: refusesAxes,
    run(on, [x], { axes, p }) {
      const { array, ...blocks } = blocksOn(on, x, axes);
      return [(norms.get(p) as Reduction)(on, blocks, [array])];
    },
  }),
};
