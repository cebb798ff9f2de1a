import type { Data } from '../tensor/dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { highest } from './guards.ts';

/** Σ_i p_i·q_i over the space coordinates of the rows that begin at i and j. */
function spaceDot(p: Data, i: number, q: Data, j: number, n: number): number {
  let sum = 0;
  for (let k = 1; k < n; k++) sum += p[i + k] * q[j + k];
  return sum;
}

/**
 * sinh²(√c·d/2) of the points that begin at i and j, from their space coordinates alone:
 * sinh²((ρx − ρy)/2) + c·|xs|·|ys|·|x̂s − ŷs|²/4, where ρ = arsinh(√c·|xs|) and
 * sinh(ρx − ρy) = (|xs|² − |ys|²)/(|xs|·y_0 + |ys|·x_0). Neither term cancels, near or far.
 */
function gap(p: Data, i: number, q: Data, j: number, n: number, c: number): number {
  const a = Math.sqrt(spaceDot(p, i, p, i, n));
  const b = Math.sqrt(spaceDot(q, j, q, j, n));
  let apart = 0;
  let turned = 0;
  for (let k = 1; k < n; k++) {
    apart += (p[i + k] - q[j + k]) * (p[i + k] + q[j + k]);
    if (a > 0 && b > 0) turned += (p[i + k] / a - q[j + k] / b) ** 2;
  }
  const across = a * Math.sqrt(1 / c + b * b) + b * Math.sqrt(1 / c + a * a);
  const sinh = across > 0 ? apart / across : 0;
  return (sinh * sinh) / (2 * (1 + Math.sqrt(1 + sinh * sinh))) + (c * a * b * turned) / 4;
}

/** sinh²(√c·d/2) of each pair of rows: x and y have one shape. */
export const lorentzGapKernel: Kernel<readonly [x: Tensor, y: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzGap',
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  cpu([out], [x, y, c]) {
    const n = x.shape[x.rank - 1];
    const to = out.data;
    for (let row = 0; row < to.length; row++) to[row] = gap(x.data, row * n, y.data, row * n, n, c.data[0]);
  },
});

/**
 * <u, v> of two tangents at x, from space coordinates alone. With a = x̂s·us, p = us − a·x̂s and b, q the same of v it is
 * p·q + a·b/(c·x_0²): us·vs − u_0·v_0 without its cancellation, and never negative where u = v.
 */
export const tangentInnerKernel: Kernel<readonly [x: Tensor, u: Tensor, v: Tensor, c: Tensor], undefined, Spec> =
  defineKernel({
    name: 'tangentInner',
    infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
    cpu([out], [x, u, v, c], _) {
      const n = x.shape[x.rank - 1];
      const [to, p, q, r, curvature] = [out.data, x.data, u.data, v.data, c.data[0]];
      for (let row = 0, at = 0; row < to.length; row++, at += n) {
        const square = spaceDot(p, at, p, at, n);
        const norm = Math.sqrt(square);
        const a = norm > 0 ? spaceDot(p, at, q, at, n) / norm : 0;
        const b = norm > 0 ? spaceDot(p, at, r, at, n) / norm : 0;
        let sum = (a * b) / (1 + curvature * square);
        for (let k = 1; k < n; k++) {
          const ray = norm > 0 ? p[at + k] / norm : 0;
          sum += (q[at + k] - a * ray) * (r[at + k] - b * ray);
        }
        to[row] = sum;
      }
    },
  });

/** [√(1/c + |s|²), s]: a row of d space coordinates as a point. */
export const liftKernel: Kernel<readonly [s: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lift',
  infer: ([s]) => ({ shape: s.shape.with(-1, s.shape[s.rank - 1] + 1), dtype: s.dtype }),
  cpu([out], [s, c]) {
    const n = out.shape[out.rank - 1];
    const [to, from] = [out.data, s.data];
    for (let at = 0, i = 0; at < to.length; at += n) {
      let square = 0;
      for (let k = 1; k < n; k++, i++) {
        to[at + k] = from[i];
        square += from[i] * from[i];
      }
      to[at] = Math.sqrt(1 / c.data[0] + square);
    }
  },
});

/**
 * 1/(√c·N), N = √−<x, x>, for each row: what brings a sum of points back to the hyperboloid. N is held at x_0/cosh R
 * (`highest`) or more; a row without time, the sum of nothing, gives 0.
 */
export const shrinkKernel: Kernel<readonly [x: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'shrink',
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  cpu([out], [x, c]) {
    const n = x.shape[x.rank - 1];
    const least = 1 / highest(x.dtype) ** 2;
    const [to, from] = [out.data, x.data];
    for (let row = 0, at = 0; row < to.length; row++, at += n) {
      const square = from[at] * from[at];
      const size = Math.max(square - spaceDot(from, at, from, at, n), square * least);
      to[row] = square > 0 ? 1 / Math.sqrt(c.data[0] * size) : 0;
    }
  },
});
