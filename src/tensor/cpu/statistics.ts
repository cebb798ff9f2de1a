import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import { blocksOf, type ReduceKernel, reducedShape } from './reduce.ts';

/** The mean of n numbers, `step` apart from `at`, as the first of them plus an offset: equal numbers have offset 0 exactly. */
function offsetOfMean(x: ArrayLike<number>, at: number, n: number, step: number): number {
  let sum = 0;
  for (let m = 1; m < n; m++) sum += x[at + m * step] - x[at];
  return sum / n;
}

/** What `variance` runs over and divides by. */
export interface Spread {
  readonly axes: readonly number[];
  /** Taken off the number of elements before the division. */
  readonly correction: number;
  /** Whether the result is the square root. */
  readonly root: boolean;
}

/** Σ(x − mean)²/(n − correction) over `axes`, in two passes: the mean, then the squares. A divisor below 0 counts as 0. */
export const varianceKernel: Kernel<readonly [Tensor], Spread, Spec> = /* @__PURE__ */ defineKernel({
  name: 'variance',
  infer: ([x], { axes }: Spread) => ({ shape: reducedShape(x.shape, axes), dtype: x.dtype }),
  cpu([y], [x], { axes, correction, root }) {
    const { data, outer, middle, inner } = blocksOf(x, axes);
    const divisor = Math.max(0, middle - correction);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const at = o * middle * inner + i;
        const offset = offsetOfMean(data, at, middle, inner);
        let squares = 0;
        for (let m = 0; m < middle; m++) {
          const d = data[at + m * inner] - data[at] - offset;
          squares += d * d;
        }
        const variance = squares / divisor;
        y.data[o * inner + i] = root ? Math.sqrt(variance) : variance;
      }
  },
});

/** x − mean(x) along one axis. */
export const centreKernel: Kernel<readonly [Tensor], number, Spec> = /* @__PURE__ */ defineKernel({
  name: 'centre',
  infer: ([x], _: number) => x,
  cpu([y], [x], axis) {
    const { data, outer, middle, inner } = blocksOf(x, [axis]);
    const to = y.data;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const at = o * middle * inner + i;
        const offset = offsetOfMean(data, at, middle, inner);
        for (let m = 0; m < middle; m++) to[at + m * inner] = data[at + m * inner] - data[at] - offset;
      }
  },
});

/** ln Σ eˣ over `axes`, from the largest x: what is added to it is log1p of the other terms. −∞ over nothing. */
export const logSumExpKernel: ReduceKernel = /* @__PURE__ */ defineKernel({
  name: 'logSumExp',
  infer: ([x], axes: readonly number[]) => ({ shape: reducedShape(x.shape, axes), dtype: x.dtype }),
  cpu([y], [x], axes) {
    const { data, outer, middle, inner } = blocksOf(x, axes);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const at = o * middle * inner + i;
        let top = -1;
        let max = -Infinity;
        for (let m = 0; m < middle; m++) {
          const v = data[at + m * inner];
          if (v > max || Number.isNaN(v)) {
            max = v;
            top = m;
          }
        }
        let others = 0;
        if (Number.isFinite(max))
          for (let m = 0; m < middle; m++) if (m !== top) others += Math.exp(data[at + m * inner] - max);
        y.data[o * inner + i] = max + Math.log1p(others);
      }
  },
});

/** Which norm, over which axes. */
export interface Norm {
  readonly axes: readonly number[];
  /** 1, 2 or Infinity. */
  readonly p: number;
}

/** Σ|x|, √Σx² or max |x| over `axes`, in index order. */
export const normKernel: Kernel<readonly [Tensor], Norm, Spec> = /* @__PURE__ */ defineKernel({
  name: 'norm',
  infer: ([x], { axes }: Norm) => ({ shape: reducedShape(x.shape, axes), dtype: x.dtype }),
  cpu([y], [x], { axes, p }) {
    const { data, outer, middle, inner } = blocksOf(x, axes);
    const measure = p === 1 ? absoluteSum : p === 2 ? euclidean : largest;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) y.data[o * inner + i] = measure(data, o * middle * inner + i, middle, inner);
  },
});

function absoluteSum(x: ArrayLike<number>, at: number, n: number, step: number): number {
  let sum = 0;
  for (let m = 0; m < n; m++) sum += Math.abs(x[at + m * step]);
  return sum;
}

function largest(x: ArrayLike<number>, at: number, n: number, step: number): number {
  let max = 0;
  for (let m = 0; m < n; m++) max = Math.max(max, Math.abs(x[at + m * step]));
  return max;
}

/** Below this a sum of squares may have lost terms to underflow. */
const leastSquares = 2 ** -900;

/** √Σx²; where the squares leave the range of float64 they are taken of x over the largest. */
function euclidean(x: ArrayLike<number>, at: number, n: number, step: number): number {
  let squares = 0;
  for (let m = 0; m < n; m++) squares += x[at + m * step] ** 2;
  if (squares > leastSquares && squares < Infinity) return Math.sqrt(squares);
  const max = largest(x, at, n, step);
  if (!(max > 0 && max < Infinity)) return max;
  let scaled = 0;
  for (let m = 0; m < n; m++) scaled += (x[at + m * step] / max) ** 2;
  return max * Math.sqrt(scaled);
}
