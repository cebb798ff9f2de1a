import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { minimum } from '../../autograd/ops/extrema.ts';
import { stack } from '../../autograd/ops/slice.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Parameter } from '../parameter.ts';

/** @throws DomainError unless the largest norm is a number > 0 */
export function checkClip(op: string, largest: unknown): void {
  if (typeof largest !== 'number' || !(largest > 0))
    throw new DomainError(op, `the largest norm is a number > 0, got ${String(largest)}`);
}

/**
 * Scale the gradients of parameters so that all of them together, as one vector, are no longer than `largest`: each is multiplied by
 * min(1, largest/(norm + 1e-6)). Parameters without a gradient count for nothing; where all is short enough, nothing is touched. A
 * gradient with NaN or infinity makes all of them NaN or 0, as in PyTorch.
 * @returns the norm before
 * @throws DomainError unless `largest` is a number > 0; DeviceError on a device that the host cannot look into: see `clipGradients`
 * @source Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", arXiv 1211.5063, Algorithm 1
 */
export function clipGradNorm(parameters: Iterable<Parameter>, largest: number): number {
  checkClip('clipGradNorm', largest);
  const graded = gradedOf(parameters);
  return noGrad(() => {
    const total = Math.hypot(...graded.map(({ grad }) => norm(grad).item()));
    const by = largest / (total + 1e-6);
    if (!(by >= 1)) for (const p of graded) p.replaceGrad(mul(p.grad, by));
    return total;
  });
}

/**
 * The same without a look at the norm, which stays where the gradients are: every gradient is multiplied, by 1 where all is short
 * enough. For devices that compute later than they are told.
 * @returns the norm before, a scalar tensor; null when no parameter has a gradient
 * @throws DomainError unless `largest` is a number > 0
 */
export function clipGradients(parameters: Iterable<Parameter>, largest: number): Tensor | null {
  checkClip('clipGradients', largest);
  const graded = gradedOf(parameters);
  if (graded.length === 0) return null;
  return noGrad(() => {
    const total = norm(stack(graded.map(({ grad }) => norm(grad))));
    const by = minimum(div(largest, add(total, 1e-6)), 1);
    for (const p of graded) p.replaceGrad(mul(p.grad, by));
    return total;
  });
}

type Graded = Parameter & { grad: Tensor };

const gradedOf = (parameters: Iterable<Parameter>): readonly Graded[] =>
  [...parameters].filter((p): p is Graded => p.grad !== null);
