import {
  type ClassLossAttrs,
  classLossGradKernel,
  classLossKernel,
  countTargetsKernel,
} from '../../tensor/cpu/loss.ts';
import { DomainError } from '../../tensor/errors.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { checkCompanion } from '../companion.ts';
import { defineOp, type Op, type Operand } from '../define.ts';
import { checkOptions, checkTensor, checkWhole } from '../options.ts';
import { signature } from '../signature.ts';
import { wrapOp } from '../wrap.ts';
import { div, mul } from './arithmetic.ts';
import { expand } from './broadcast.ts';
import { cast } from './cast.ts';
import { notEqual } from './compare.ts';
import { indexSelect } from './gather.ts';
import { checkReduction, type LossAttrs } from './lossReduction.ts';
import { sum } from './reduce.ts';

/** Options of `nll`. */
export interface NllAttrs extends LossAttrs {
  /** One factor for each class [c]; a mean is then divided by the sum of the factors of its targets. */
  readonly weight?: Tensor;
  /** Examples with this target count for nothing, in the mean neither. Default −100. */
  readonly ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyAttrs extends NllAttrs {
  /** The share of each target, 0..1, that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/** The size of the last axis. */
export const classesOf = (x: Tensor): number => x.shape[x.rank - 1];

/** @throws DomainError when an index is not in 0..classes−1 and not `ignored` */
export function checkIndices(op: string, index: Tensor, classes: number, ignored?: number): void {
  if (!index.onHost) return;
  const bad = index.data.find((i) => (i < 0 || i >= classes) && i !== ignored);
  if (bad !== undefined) throw new DomainError(op, `index ${bad} is not in 0..${classes - 1}`, [index.shape]);
}

/** The options that the kernels read, filled in. */
export const settings = ({ ignoreIndex = -100, labelSmoothing = 0 }: CrossEntropyAttrs): ClassLossAttrs => ({
  ignoreIndex,
  labelSmoothing,
});

/**
 * The options that a class loss itself knows; weights are laid around it.
 * @throws DomainError when one is not what it should be
 */
export function checkSettings(op: string, attrs: CrossEntropyAttrs): void {
  checkOptions(op, attrs, ['reduction', 'ignoreIndex', 'labelSmoothing']);
  checkReduction(op, attrs.reduction);
  const { ignoreIndex, labelSmoothing } = settings(attrs);
  checkWhole(op, 'ignoreIndex', ignoreIndex);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new DomainError(op, `labelSmoothing is in 0..1, got ${String(labelSmoothing)}`);
}

/** How many targets count, as a scalar of the dtype of the losses. */
const counted = (target: Tensor, ignoreIndex: number, { dtype }: Tensor): Tensor =>
  countTargetsKernel([target], { ignoreIndex, dtype });

/** Losses of examples combined. A mean is over the examples that count: NaN when none does, as in PyTorch. */
export function reducedOver(losses: Tensor, target: Tensor, attrs: CrossEntropyAttrs): Tensor {
  const { reduction = 'mean' } = attrs;
  if (reduction === 'none') return losses;
  const total = sum(losses);
  return reduction === 'sum' ? total : div(total, counted(target, settings(attrs).ignoreIndex, total));
}

/** The gradient that reaches each example through `reducedOver`. */
export function sharesOf(dy: Tensor, target: Tensor, attrs: CrossEntropyAttrs): Tensor {
  const { reduction = 'mean' } = attrs;
  if (reduction === 'none') return dy;
  const each = reduction === 'sum' ? dy : div(dy, counted(target, settings(attrs).ignoreIndex, dy));
  return expand(each, target.shape);
}

/**
 * g spread to the classes: −g at the target of each example, less what label smoothing moves to all of them; nothing where the
 * target is ignored. It is what `nll` does to a gradient, and linear as `nll` is.
 * @throws DomainError when a target is neither in 0..classes−1 nor ignored
 */
export const nllGrad: Op<2, ClassLossAttrs & { readonly classes: number }> = /* @__PURE__ */ defineOp({
  name: 'nllGrad',
  arity: 2,
  signature: '…, … :int32 ->',
  keeps: { inputs: [1] },
  check([, target], { classes, ...attrs }) {
    checkWhole('nllGrad', 'classes', classes, 0);
    checkSettings('nllGrad', attrs);
    checkIndices('nllGrad', target, classes, attrs.ignoreIndex);
  },
  forward: ({ inputs, attrs }) => classLossGradKernel(inputs, attrs),
  backward: ({ dy, inputs: [, target], attrs: { classes: _, ...attrs } }) => [
    unweighted(dy, target, { ...attrs, reduction: 'none' }),
    null,
  ],
});

const unweighted: Op<2, CrossEntropyAttrs> = /* @__PURE__ */ defineOp({
  name: 'nll',
  arity: 2,
  signature: '… c, … :int32 ->',
  keeps: { inputs: [1] },
  check([logp, target], attrs) {
    checkSettings('nll', attrs);
    checkIndices('nll', target, classesOf(logp), settings(attrs).ignoreIndex);
  },
  forward: ({ inputs, attrs }) => reducedOver(classLossKernel(inputs, settings(attrs)), inputs[1], attrs),
  backward: ({ dy, inputs: [logp, target], attrs }) => [
    nllGrad(sharesOf(dy, target, attrs), target, { classes: classesOf(logp), ...settings(attrs) }),
    null,
  ],
});

/** The operands and options of a weighted class loss, all of them, before anything is computed. */
function checkWeighted(op: string, [x, target]: readonly Operand[], weight: Tensor, attrs: CrossEntropyAttrs): void {
  for (const t of [x, target]) checkTensor(op, t);
  if (!(x instanceof Tensor && target instanceof Tensor)) return;
  signature('… c, … :int32 ->').check(op, [x, target]);
  checkSettings(op, attrs);
  checkIndices(op, target, classesOf(x), settings(attrs).ignoreIndex);
  checkCompanion(op, 'weight', weight, x, x.shape.slice(-1));
}

/**
 * A class loss with weights: each class's log-probability is multiplied by its weight, and a mean divided by the weights of
 * the targets that count. `logs` turns the scores into log-probabilities.
 * @throws ShapeError, DTypeError or DomainError naming `op` when operands or options do not fit
 */
export function weightedNll(
  op: string,
  operands: readonly [scores: Operand, target: Operand],
  { weight, ...attrs }: CrossEntropyAttrs & { readonly weight: Tensor },
  logs: (scores: Tensor) => Tensor,
): Tensor {
  checkWeighted(op, operands, weight, attrs);
  const [scores, target] = operands as readonly [Tensor, Tensor];
  const mean = (attrs.reduction ?? 'mean') === 'mean';
  const losses = unweighted(mul(logs(scores), weight), target, mean ? { ...attrs, reduction: 'sum' } : attrs);
  if (!mean) return losses;
  const counts = notEqual(target, settings(attrs).ignoreIndex);
  const chosen = indexSelect(weight, mul(target, cast(counts, 'int32')));
  return div(losses, sum(mul(chosen, cast(counts, weight.dtype))));
}

/**
 * −logp[target]·weight[target], over classes on the last axis: the negative log-likelihood of each target under
 * log-probabilities such as `logSoftmax` gives. A mean is Σ losses/Σ weight[target] over the targets that are not ignored, so it
 * is NaN, with a gradient of 0, where all are.
 *
 * @param logp […, c]
 * @param target […] int32 class indices
 * @throws ShapeError or DTypeError when the operands do not fit; DomainError when a target is neither in 0..c−1 nor ignored,
 * or an option is not one
 */
export const nll: Op<2, NllAttrs> = /* @__PURE__ */ wrapOp(unweighted, (logp, target, attrs = {}) => {
  checkOptions('nll', attrs, ['reduction', 'ignoreIndex', 'weight']);
  const { weight, ...rest } = attrs;
  if (weight === undefined) return unweighted(logp, target, rest);
  return weightedNll('nll', [logp, target], { ...rest, weight }, (x) => x);
});
