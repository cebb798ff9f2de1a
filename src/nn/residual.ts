import { add } from '../autograd/ops/arithmetic.ts';
import { checkChance, dropout } from '../autograd/ops/dropout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { CallContext, Module } from './module.ts';

/**
 * x with elements dropped with chance p in training, as it is otherwise.
 * @param op the name that errors give
 * @throws DomainError when dropout is due and there is no `rng`
 */
export function dropped(op: string, x: Tensor, p: number, { training = false, rng }: CallContext): Tensor {
  if (!training || p === 0) return x;
  checkChance(op, p, rng);
  return rng === undefined ? x : dropout(x, { p, rng });
}

/** A part of a layer and the way around it: x + f(norm(x)) with the normalisation first, norm(x + f(x)) otherwise. */
export function residual(x: Tensor, norm: Module, normFirst: boolean, part: (x: Tensor) => Tensor): Tensor {
  return normFirst ? add(x, part(norm.call(x))) : norm.call(add(x, part(x)));
}
