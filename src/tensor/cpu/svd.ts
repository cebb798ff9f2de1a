import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { singularValues, thinSvd } from '../linalg/svd.ts';
import type { Tensor } from '../tensor.ts';

/**
 * A = Utᵀ·diag(s)·Vt for A [m, n], k = min(m, n): Ut [k, m] and Vt [k, n] hold singular vectors as rows, s [k] falls.
 * Computed in float64 whatever the dtype.
 */
export const svdKernel: Kernel<readonly [Tensor], undefined, readonly [Spec, Spec, Spec]> = defineKernel({
  name: 'svd',
  infer([a]): readonly [Spec, Spec, Spec] {
    const [m, n] = a.shape;
    const k = Math.min(m, n);
    const { dtype } = a;
    return [
      { shape: [k, m], dtype },
      { shape: [k], dtype },
      { shape: [k, n], dtype },
    ];
  },
  cpu([ut, s, vt], [a]) {
    const [m, n] = a.shape;
    const parts = thinSvd(Float64Array.from(a.data), m, n);
    ut.data.set(parts.ut);
    s.data.set(parts.s);
    vt.data.set(parts.vt);
  },
});

/** The singular values of A [m, n] alone, falling. */
export const singularValuesKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'singularValues',
  infer: ([a]) => ({ shape: [Math.min(...a.shape)], dtype: a.dtype }),
  cpu: ([s], [a]) => s.data.set(singularValues(Float64Array.from(a.data), a.shape[0], a.shape[1])),
});
