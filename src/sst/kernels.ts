import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * max(σ, 0): singular values stay non-negative.
 * @source arXiv 2405.15481, Eq. 4
 */
export const clampSigmaKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'clampSigma',
  infer: ([sigma]) => sigma,
  cpu([y], [sigma]) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = Math.max(sigma.data[i], 0);
  },
});

/** Rows shorter than this have no direction left. */
export const shortest = 1e-12;

/**
 * x_i/‖x_i‖ for every row; where the row has all but vanished, the row of `before`, which is kept as it was.
 * @source arXiv 2405.15481, Eq. 7
 */
export const normaliseRowsKernel: Kernel<readonly [Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'normaliseRows',
  infer: ([x]) => x,
  cpu([y], [x, before]) {
    const n = x.shape[x.rank - 1];
    for (let at = 0; at < y.data.length; at += n) {
      let square = 0;
      for (let i = at; i < at + n; i++) square += x.data[i] * x.data[i];
      const norm = Math.sqrt(square);
      for (let i = at; i < at + n; i++) y.data[i] = norm < shortest ? before.data[i] : x.data[i] / norm;
    }
  },
});
