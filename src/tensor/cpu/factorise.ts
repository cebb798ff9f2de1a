import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { choleskyFactor } from '../linalg/cholesky.ts';
import { symmetricEigen } from '../linalg/eigh.ts';
import { thinQr } from '../linalg/qr.ts';
import type { Tensor } from '../tensor.ts';
import { eachMatrix, leadOf, refuseMatrix } from './matrices.ts';

/** (p + q)/2, without overflow, and without rounding where they are equal. */
const middle = (p: number, q: number): number => (p === q ? p : p / 2 + q / 2);

/**
 * L […, n, n], lower triangular with a positive diagonal, for which L·Lᵀ = (A + Aᵀ)/2.
 * The kernel throws a DomainError that names the first leading minor which is not positive.
 */
export const choleskyKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'cholesky',
  infer: ([a]) => a,
  cpu(outputs, inputs) {
    const n = inputs[0].shape.at(-1) ?? 0;
    eachMatrix('cholesky', outputs, inputs, ([a], at) => {
      const l = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) l[i * n + j] = middle(a[i * n + j], a[j * n + i]);
      const order = choleskyFactor(l, n);
      if (order > 0)
        refuseMatrix(
          'cholesky',
          `A is not positive definite: its leading minor of order ${order} is not positive`,
          inputs[0],
          at,
        );
      return [l];
    });
  },
});

/** A = Qtᵀ·R for each matrix of A […, m, n], k = min(m, n): Qt […, k, m] orthonormal rows, R […, k, n] with diagonal >= 0. */
export const qrKernel: Kernel<readonly [Tensor], undefined, readonly [Spec, Spec]> = defineKernel({
  name: 'qr',
  infer([a]): readonly [Spec, Spec] {
    const [m, n] = a.shape.slice(-2);
    const k = Math.min(m, n);
    return [
      { shape: [...leadOf(a), k, m], dtype: a.dtype },
      { shape: [...leadOf(a), k, n], dtype: a.dtype },
    ];
  },
  cpu(outputs, inputs) {
    const [m, n] = inputs[0].shape.slice(-2);
    eachMatrix('qr', outputs, inputs, ([a]) => {
      const { qt, r } = thinQr(a, m, n);
      return [qt, r];
    });
  },
});

/** Eigenvalues […, n] of (A + Aᵀ)/2, ascending, and eigenvectors as rows […, n, n]. */
export const eighKernel: Kernel<readonly [Tensor], undefined, readonly [Spec, Spec]> = defineKernel({
  name: 'eigh',
  infer: ([a]): readonly [Spec, Spec] => [{ shape: a.shape.slice(0, -1), dtype: a.dtype }, a],
  cpu(outputs, inputs) {
    const n = inputs[0].shape.at(-1) ?? 0;
    eachMatrix('eigh', outputs, inputs, ([a]) => {
      const { values, vt } = symmetricEigen('eigh', a, n, true);
      return [values, vt ?? []];
    });
  },
});

/** The eigenvalues […, n] of (A + Aᵀ)/2 alone, ascending. */
export const eigvalshKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'eigvalsh',
  infer: ([a]) => ({ shape: a.shape.slice(0, -1), dtype: a.dtype }),
  cpu(outputs, inputs) {
    const n = inputs[0].shape.at(-1) ?? 0;
    eachMatrix('eigvalsh', outputs, inputs, ([a]) => [symmetricEigen('eigvalsh', a, n, false).values]);
  },
});
