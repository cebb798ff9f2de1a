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

/**
 * y = (x − μ)·r and r = 1/√(mean (x − μ)² + eps) of every row, μ the mean of the row, or 0 without `centre`. Two passes, in
 * float64: the mean first, so that nothing cancels in the variance.
 */
export const standardizeKernel: Kernel<readonly [Tensor], StandardizeAttrs, readonly [Spec, Spec]> = defineKernel({
  name: 'standardize',
  infer: ([x], { axes }: StandardizeAttrs) => [x, { shape: leadOf(x, axes), dtype: x.dtype }] as const,
  cpu([y, r], [x], { axes, eps, centre }) {
    const n = sizeOf(x.shape.slice(x.rank - axes));
    const [to, scales, from] = [y.data, r.data, x.data];
    for (let row = 0, at = 0; row < scales.length; row++, at += n) {
      let sum = 0;
      if (centre) for (let i = 0; i < n; i++) sum += from[at + i];
      const mean = sum / (n || 1);
      let squares = 0;
      for (let i = 0; i < n; i++) squares += (from[at + i] - mean) ** 2;
      const scale = 1 / Math.sqrt(squares / (n || 1) + eps);
      for (let i = 0; i < n; i++) to[at + i] = (from[at + i] - mean) * scale;
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
    const n = sizeOf(y.shape.slice(y.rank - axes));
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
