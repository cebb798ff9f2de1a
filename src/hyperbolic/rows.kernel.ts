import type { Data } from '../tensor/dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Σ_i x_i·y_i along the last axis, in float64; the first term with a minus when `minkowski`. Shapes are equal. */
export const rowDotKernel: Kernel<readonly [Tensor, Tensor], boolean, Spec> = defineKernel({
  name: 'rowDot',
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  cpu([y], [a, b], minkowski) {
    const n = a.shape[a.rank - 1];
    const [to, p, q] = [y.data, a.data, b.data];
    for (let row = 0, at = 0; row < to.length; row++) {
      let sum = minkowski && n > 0 ? -2 * p[at] * q[at] : 0;
      for (let i = 0; i < n; i++, at++) sum += p[at] * q[at];
      to[row] = sum;
    }
  },
});

/** |x[from … end − 1]|. */
export function lengthOf(x: Data, from: number, end: number): number {
  let squares = 0;
  for (let i = from; i < end; i++) squares += x[i] * x[i];
  return squares > 1e-200 && squares < 1e300 ? Math.sqrt(squares) : scaledLength(x, from, end);
}

/** The same where squares leave the range of float64: they are taken of x over its largest element. */
function scaledLength(x: Data, from: number, end: number): number {
  let largest = 0;
  for (let i = from; i < end; i++) if (!(Math.abs(x[i]) <= largest)) largest = Math.abs(x[i]);
  if (!(largest > 0 && largest < Infinity)) return largest;
  let squares = 0;
  for (let i = from; i < end; i++) squares += (x[i] / largest) ** 2;
  return largest * Math.sqrt(squares);
}
