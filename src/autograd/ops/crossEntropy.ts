import { oneHotKernel, pickKernel } from '../../tensor/cpu/softmax.ts';
import type { DType } from '../../tensor/dtype.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { mul, neg, sub } from './arithmetic.ts';
import { exp } from './exponential.ts';
import { reshape } from './layout.ts';
import { mean, sum } from './reduce.ts';
import { logSoftmax } from './softmax.ts';

/** How losses of single examples are combined. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of a classification loss. */
export interface CrossEntropyAttrs {
  /** Default `mean`. */
  readonly reduction?: Reduction;
}

/** @throws DomainError when an index is not in 0..classes−1 */
function checkIndices(op: string, index: Tensor, classes: number): void {
  if (!index.device.hasData) return;
  const bad = index.data.find((i) => i < 0 || i >= classes);
  if (bad !== undefined) throw new DomainError(op, `index ${bad} is not in 0..${classes - 1}`, [index.shape]);
}

/**
 * A new last axis of size `classes`: 1 at the given index (int32), else 0. Not differentiable.
 * @throws DomainError when an index is not in 0..classes−1
 */
export const oneHot: Op<1, { readonly classes: number; readonly dtype?: DType }> = /* @__PURE__ */ defineOp({
  name: 'oneHot',
  arity: 1,
  signature: '… :int32 ->',
  check: ([index], { classes }) => checkIndices('oneHot', index, classes),
  forward: ({ inputs, attrs: { classes, dtype = 'float32' } }) => oneHotKernel(inputs, { classes, dtype }),
});

const reduce = (losses: Tensor, reduction: Reduction): Tensor =>
  reduction === 'none' ? losses.view(losses.shape) : reduction === 'sum' ? sum(losses) : mean(losses);

/**
 * −log softmax(logits)[target], over classes on the last axis, averaged over all examples (`reduction`).
 *
 * @param logits […, c] scores before softmax
 * @param target […] int32 class indices
 * @throws ShapeError or DTypeError when the operands do not fit; DomainError when a target is not in 0..c−1
 */
export const crossEntropy: Op<2, CrossEntropyAttrs> = /* @__PURE__ */ defineOp({
  name: 'crossEntropy',
  arity: 2,
  signature: '… c, … :int32 ->',
  keeps: { inputs: [0, 1] },
  check([logits, target], { reduction = 'mean' }) {
    checkIndices('crossEntropy', target, logits.shape[logits.rank - 1]);
    if (!['mean', 'sum', 'none'].includes(reduction))
      throw new DomainError('crossEntropy', `reduction is mean, sum or none, got '${reduction}'`);
  },
  forward({ inputs: [logits, target], attrs: { reduction = 'mean' } }) {
    const logp = logSoftmax(logits);
    return { y: reduce(neg(pickKernel([logp, target], undefined)), reduction), saved: [logp] };
  },
  backward({ dy, inputs: [logits, target], saved: [logp], attrs: { reduction = 'mean' } }) {
    const classes = logits.shape[logits.rank - 1];
    const wrong = sub(exp(logp), oneHot(target, { classes, dtype: logits.dtype }));
    const each = reduction === 'mean' ? mul(dy, 1 / target.size) : dy;
    return [mul(wrong, reduction === 'none' ? reshape(each, [...dy.shape, 1]) : each), null];
  },
  reference([logits, target], { reduction = 'mean' }) {
    const chosen = oneHot(target, { classes: logits.shape[logits.rank - 1], dtype: logits.dtype });
    return reduce(neg(sum(mul(logSoftmax(logits), chosen), { axis: -1 })), reduction);
  },
});
