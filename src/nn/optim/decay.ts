import { add, mul } from '../../autograd/ops/arithmetic.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Manifold } from '../manifold.ts';
import type { Hyper } from './rule.ts';

/** a + weightDecay·k·x, where the manifold lets x shrink; a itself otherwise. */
export function decayed(x: Tensor, a: Tensor, { weightDecay = 0 }: Hyper, manifold: Manifold, k: number = 1): Tensor {
  return weightDecay === 0 || !manifold.decays ? a : add(a, mul(x, weightDecay * k));
}
