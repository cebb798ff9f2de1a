import { reshape } from '../../autograd/ops/layout.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Points side by side on an axis of their own: […, heads·n] → […, heads, n]. */
export const headsApart = (x: Tensor, heads: number): Tensor =>
  reshape(x, [...x.shape.slice(0, -1), heads, x.shape[x.rank - 1] / heads]);

/** Points side by side again: […, heads, n] → […, heads·n]. */
export const headsTogether = (x: Tensor): Tensor =>
  reshape(x, [...x.shape.slice(0, -2), x.shape[x.rank - 2] * x.shape[x.rank - 1]]);
