import { mul } from '../../autograd/ops/arithmetic.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { tensor } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** The first number of each row, its time: […, n] → […, 1]. */
export const timeOf = (x: Tensor): Tensor => slice(x, [...x.shape.slice(1).map(() => null), [0, 1]]);

/** <a, b> of each row: […, n] → […, 1]. */
export const dotRows = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axis: -1, keepDims: true });

/** Each row with its time negated, so that an ordinary product with it is a Lorentzian one. */
export function timeFlipped(x: Tensor): Tensor {
  const signs = Float64Array.from({ length: x.shape[x.rank - 1] }, (_, i) => (i === 0 ? -1 : 1));
  return mul(x, tensor(signs, { dtype: x.dtype, device: x.device }));
}
