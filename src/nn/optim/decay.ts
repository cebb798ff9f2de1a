import { add, mul } from '../../autograd/ops/arithmetic.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Manifold } from '../manifold.ts';
import type { Hyper } from './rule.ts';

/** The strength of weight decay where the manifold lets x shrink; 0 otherwise. */
export const decayOf = ({ weightDecay = 0 }: Hyper, manifold: Manifold): number => (manifold.decays ? weightDecay : 0);

/** a + weightDecay·k·x, where the manifold lets x shrink; a itself otherwise. */
export function decayed(x: Tensor, a: Tensor, hyper: Hyper, manifold: Manifold, k: number = 1): Tensor {
  const weightDecay = decayOf(hyper, manifold);
  return weightDecay === 0 ? a : add(a, mul(x, weightDecay * k));
}
