import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** How rows are normalised. */
export interface StandardizeAttrs {
  /** How many of the last axes one row spans. */
  readonly axes: number;
  /** Added to the variance or the mean square. */
  readonly eps: number;
  /** Whether the mean is taken away first. */
  readonly centre: boolean;
}

const leadOf = (x: Tensor, axes: number): readonly number[] => x.shape.slice(0, x.rank - axes);

const sizeOfRow = (x: Tensor, axes: number): number => sizeOf(x.shape.slice(x.rank - axes));

/** A row of n numbers from `at`: its mean as the first of them plus an offset, and its scale. */
interface Moments {
  readonly first: number;
  readonly offset: number;
  readonly scale: number;
}

/** Two passes, in float64: the mean first, so that nothing cancels in the variance. Equal numbers have offset 0 exactly. */
function moments(x: ArrayLike<number>, at: number, n: number, { eps, centre }: StandardizeAttrs): Moments {
  const first = centre && n > 0 ? x[at] : 0;
  let sum = 0;
  if (centre) for (let i = 0; i < n; i++) sum += x[at + i] - first;
  const offset = sum / (n || 1);
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (x[at + i] - first - offset) ** 2;
  return { first, offset, scale: 1 / Math.sqrt(squares / (n || 1) + eps) };
}

/** y = (x − μ)·r and r = 1/√(mean (x − μ)² + eps) of every row, μ the mean of the row, or 0 without `centre`. */
export const standardizeKernel: Kernel<readonly [Tensor], StandardizeAttrs, readonly [Spec, Spec]> = defineKernel({
  name: 'standardize',
  infer: ([x], { axes }: StandardizeAttrs) => [x, { shape: leadOf(x, axes), dtype: x.dtype }] as const,
  cpu([y, r], [x], attrs) {
    const n = sizeOfRow(x, attrs.axes);
    const [to, scales, from] = [y.data, r.data, x.data];
    for (let row = 0, at = 0; row < scales.length; row++, at += n) {
      const { first, offset, scale } = moments(from, at, n, attrs);
      for (let i = at; i < at + n; i++) to[i] = (from[i] - first - offset) * scale;
      scales[row] = scale;
    }
  },
});

/** dx = r·(dy − mean dy − y·mean(dy·y)) of every row; without `centre` the mean of dy stays. */
export const standardizeGradKernel: Kernel<
  readonly [dy: Tensor, y: Tensor, r: Tensor],
  Omit<StandardizeAttrs, 'eps'>,
  Spec
> = defineKernel({
  name: 'standardizeGrad',
  infer: ([dy]) => dy,
  cpu([dx], [dy, y, r], { axes, centre }) {
    const n = sizeOfRow(y, axes);
    const [to, g, v, scales] = [dx.data, dy.data, y.data, r.data];
    for (let row = 0, at = 0; row < scales.length; row++, at += n) {
      let sum = 0;
      let product = 0;
      for (let i = 0; i < n; i++) {
        sum += g[at + i];
        product += g[at + i] * v[at + i];
      }
      const mean = centre ? sum / n : 0;
      const along = product / n;
      for (let i = 0; i < n; i++) to[at + i] = scales[row] * (g[at + i] - mean - v[at + i] * along);
    }
  },
});

/**
 * y = (x − μ)·r·w + b of every row, with w and b of the shape of a row, and what the gradients want to know of the row: μ rounded,
 * what rounding took from μ, and r.
 */
export const affineNormKernel: Kernel<
  readonly [x: Tensor, weight: Tensor, bias: Tensor],
  StandardizeAttrs,
  readonly [y: Spec, stats: Spec]
> = defineKernel({
  name: 'affineNorm',
  infer: ([x], { axes }: StandardizeAttrs) => [x, { shape: [...leadOf(x, axes), 3], dtype: x.dtype }] as const,
  cpu([y, stats], [x, weight, bias], attrs) {
    const n = sizeOfRow(x, attrs.axes);
    const [to, from, of, w, b] = [y.data, x.data, stats.data, weight.data, bias.data];
    for (let row = 0, at = 0; row < of.length; row += 3, at += n) {
      const { first, offset, scale } = moments(from, at, n, attrs);
      for (let i = 0; i < n; i++) to[at + i] = (from[at + i] - first - offset) * scale * w[i] + b[i];
      of[row] = first + offset;
      of[row + 1] = first - of[row] + offset;
      of[row + 2] = scale;
    }
  },
});

/** dx = r·(g − mean g − x̂·mean(g·x̂)) with g = dy·w and x̂ = (x − μ)·r, for every row; without `centre` the mean of g stays. */
export const affineNormGradKernel: Kernel<
  readonly [dy: Tensor, x: Tensor, weight: Tensor, stats: Tensor],
  Omit<StandardizeAttrs, 'eps'>,
  Spec
> = defineKernel({
  name: 'affineNormGrad',
  infer: ([dy]) => dy,
  cpu([dx], [dy, x, weight, stats], { axes, centre }) {
    const n = sizeOfRow(x, axes);
    const [to, g, from, w, of] = [dx.data, dy.data, x.data, weight.data, stats.data];
    for (let row = 0, at = 0; row < of.length; row += 3, at += n) {
      const [high, low, r] = [of[row], of[row + 1], of[row + 2]];
      let sum = 0;
      let product = 0;
      for (let i = 0; i < n; i++) {
        sum += g[at + i] * w[i];
        product += g[at + i] * w[i] * (from[at + i] - high - low);
      }
      const mean = centre ? sum / n : 0;
      const along = (product / n) * r * r;
      for (let i = 0; i < n; i++) to[at + i] = r * (g[at + i] * w[i] - mean - (from[at + i] - high - low) * along);
    }
  },
});

/** dw = Σ dy·x̂ and db = Σ dy over rows, in float64. */
export const affineNormWeightGradKernel: Kernel<
  readonly [dy: Tensor, x: Tensor, stats: Tensor],
  number,
  readonly [dw: Spec, db: Spec]
> = defineKernel({
  name: 'affineNormWeightGrad',
  infer: ([dy], axes: number) => {
    const row = { shape: dy.shape.slice(dy.rank - axes), dtype: dy.dtype };
    return [row, row] as const;
  },
  cpu([dw, db], [dy, x, stats]) {
    const n = dw.data.length;
    const [g, from, of] = [dy.data, x.data, stats.data];
    const [products, sums] = [new Float64Array(n), new Float64Array(n)];
    for (let row = 0, at = 0; row < of.length; row += 3, at += n)
      for (let i = 0; i < n; i++) {
        products[i] += g[at + i] * (from[at + i] - of[row] - of[row + 1]) * of[row + 2];
        sums[i] += g[at + i];
      }
    dw.data.set(products);
    db.data.set(sums);
  },
});
