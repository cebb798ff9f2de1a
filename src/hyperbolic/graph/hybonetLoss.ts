import { relu } from '../../autograd/ops/activation.ts';
import { add, mul, sub } from '../../autograd/ops/arithmetic.ts';
import { gather } from '../../autograd/ops/gather.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { mean } from '../../autograd/ops/reduce.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** @throws DomainError unless the margin is a finite number >= 0 */
export function checkMargin(op: string, margin: unknown): void {
  if (!Number.isFinite(margin) || (margin as number) < 0)
    throw new DomainError(op, `margin is a finite number >= 0, got ${String(margin)}`);
}

/**
 * How far scores of edges do not exceed those of other pairs by a margin, pair by pair: half the mean of max(margin − edge + other, 0), and
 * half the margin. (HyboNet's mean is over both numbers of each pair, and that of the edge itself is the margin.)
 * @param edges [e]
 * @param others [e]
 * @throws ShapeError, DTypeError when they do not fit; DomainError unless the margin is finite and >= 0
 * @source Chen et al., arXiv 2105.14686, the code published with it
 */
export function pairMargin(edges: Tensor, others: Tensor, margin: number): Tensor {
  checkMargin('pairMargin', margin);
  return mul(add(mean(relu(add(sub(others, edges), margin))), margin), 0.5);
}

/**
 * How far the score of the right class does not exceed the others by a margin: the mean over all classes, the right one included, of
 * max(margin − right + score, 0).
 * @param logits [b, classes]
 * @param labels [b] int32
 * @throws ShapeError, DTypeError when they do not fit; DomainError when a label is no class, or the margin not finite and >= 0
 * @source Chen et al., arXiv 2105.14686, the code published with it
 */
export function classMargin(logits: Tensor, labels: Tensor, margin: number): Tensor {
  checkMargin('classMargin', margin);
  const right = gather(logits, reshape(labels, [labels.size, 1]));
  return mean(relu(add(sub(logits, right), margin)));
}
