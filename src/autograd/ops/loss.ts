import { bceKernel, bceWithLogitsKernel, huberKernel } from '../../tensor/cpu/loss.ts';
import { DomainError, DTypeError, ShapeError } from '../../tensor/errors.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op, type Operand } from '../define.ts';
import { checkOptions, checkTensor } from '../options.ts';
import { signature } from '../signature.ts';
import { wrapOp } from '../wrap.ts';
import { sigmoid } from './activation.ts';
import { abs, add, div, mul, neg, square, sub } from './arithmetic.ts';
import { less, where } from './compare.ts';
import { log, log1p } from './exponential.ts';
import { clamp } from './extrema.ts';
import { checkReduction, type LossAttrs, reduced, shareOf } from './lossReduction.ts';
import { softplus } from './softplus.ts';

function checkLoss(op: string, attrs: LossAttrs, others: readonly string[] = []): void {
  checkOptions(op, attrs, ['reduction', ...others]);
  checkReduction(op, attrs.reduction);
}

const each = (dy: Tensor, x: Tensor, { reduction }: LossAttrs): Tensor => shareOf(dy, x.size, reduction);

/** Gradients of a loss that depends on x − t alone, out of its derivative by that. */
const opposite = (g: Tensor, needs: readonly boolean[]): readonly (Tensor | false)[] => [
  needs[0] && g,
  needs[1] && neg(g),
];

/**
 * (x − t)², averaged over all elements (`reduction`). Shapes do not broadcast: that hides mistakes.
 * @throws ShapeError when the shapes differ; DTypeError unless both are of one floating dtype; DomainError for an unknown option
 */
export const mse: Op<2, LossAttrs> = /* @__PURE__ */ defineOp({
  name: 'mse',
  arity: 2,
  signature: '…, … ->',
  keeps: { inputs: [0, 1] },
  check: (_, attrs) => checkLoss('mse', attrs),
  forward: ({ inputs: [x, target], attrs: { reduction } }) => reduced(square(sub(x, target)), reduction),
  backward: ({ dy, inputs: [x, target], attrs, needs }) =>
    opposite(mul(sub(x, target), mul(each(dy, x, attrs), 2)), needs),
});

/** Options of `huber`. */
export interface HuberAttrs extends LossAttrs {
  /** Where the parabola turns into a line, > 0. Default 1. */
  readonly delta?: number;
}

/**
 * d²/2 where |d| <= delta, delta·(|d| − delta/2) beyond, d = x − t: a parabola with straight arms.
 * @throws ShapeError when the shapes differ; DTypeError unless both are of one floating dtype; DomainError unless delta > 0 is
 * finite, and for an unknown option
 * @source Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35 (1964)
 */
export const huber: Op<2, HuberAttrs> = /* @__PURE__ */ defineOp({
  name: 'huber',
  arity: 2,
  signature: '…, … ->',
  keeps: { inputs: [0, 1] },
  check(_, attrs) {
    checkLoss('huber', attrs, ['delta']);
    const { delta = 1 } = attrs;
    checkPositive('huber', 'delta', delta);
  },
  forward: ({ inputs, attrs: { delta = 1, reduction } }) => reduced(huberKernel(inputs, delta), reduction),
  backward: ({ dy, inputs: [x, target], attrs, needs }) => {
    const { delta = 1 } = attrs;
    return opposite(mul(clamp(sub(x, target), { min: -delta, max: delta }), each(dy, x, attrs)), needs);
  },
  reference([x, target], { delta = 1, reduction }) {
    const d = abs(sub(x, target));
    return reduced(where(less(d, delta), mul(square(d), 0.5), mul(sub(d, delta / 2), delta)), reduction);
  },
});

function checkPositive(op: string, what: string, value: unknown): void {
  if (!Number.isFinite(value) || (value as number) <= 0)
    throw new DomainError(op, `${what} is a finite number > 0, got ${String(value)}`);
}

/** Options of `smoothL1`. */
export interface SmoothL1Attrs extends LossAttrs {
  /** Where the parabola turns into a line, > 0. Default 1. */
  readonly beta?: number;
}

/**
 * `huber` with slope 1 in its arms: d²/(2·beta) where |d| <= beta, |d| − beta/2 beyond. For beta = 0 take `abs`.
 * @throws ShapeError when the shapes differ; DTypeError unless both are of one floating dtype; DomainError unless beta > 0 is
 * finite, and for an unknown option
 */
export function smoothL1(x: Tensor, target: Tensor, attrs: SmoothL1Attrs = {}): Tensor {
  checkPair('smoothL1', x, target);
  checkLoss('smoothL1', attrs, ['beta']);
  const { beta = 1, ...rest } = attrs;
  checkPositive('smoothL1', 'beta', beta);
  return div(huber(x, target, { ...rest, delta: beta }), beta);
}

/** Two tensors of one shape and floating dtype, for functions that look at them before an op does. */
function checkPair(op: string, x: Operand, target: Operand): readonly [Tensor, Tensor] {
  checkTensor(op, x);
  checkTensor(op, target);
  signature('…, … ->').check(op, [x as Tensor, target as Tensor]);
  return [x as Tensor, target as Tensor];
}

/** A factor for every loss, or fewer that broadcast to them. */
function checkFactor(op: string, what: string, x: Tensor, factor: Tensor | undefined): void {
  if (factor === undefined) return;
  checkTensor(op, factor);
  if (factor.dtype !== x.dtype)
    throw new DTypeError(op, `operands are ${x.dtype} and ${what} is ${factor.dtype}: cast one of them`);
  if (!sameShape(broadcastShapes(op, x.shape, factor.shape), x.shape))
    throw new ShapeError(op, `${what} does not broadcast to the losses`, [x.shape, factor.shape]);
}

/** Options of `bce`. */
export interface BceAttrs extends LossAttrs {
  /** Multiplies the losses, broadcast to their shape. A mean is still over their number. */
  readonly weight?: Tensor;
}

const bounded = (logarithm: Tensor): Tensor => clamp(logarithm, { min: -100 });

const probabilities: Op<2, BceAttrs> = /* @__PURE__ */ defineOp({
  name: 'bce',
  arity: 2,
  signature: '…, … ->',
  keeps: { inputs: [0, 1] },
  check([p], attrs) {
    checkLoss('bce', attrs);
    if (!p.onHost) return;
    const odd = p.data.find((v) => !(v >= 0 && v <= 1));
    if (odd !== undefined)
      throw new DomainError('bce', `a probability is in 0..1, got ${odd}: bceWithLogits takes scores`, [p.shape]);
  },
  forward: ({ inputs, attrs: { reduction } }) => reduced(bceKernel(inputs, undefined), reduction),
  backward({ dy, inputs: [p, target], attrs, needs }) {
    const g = each(dy, p, attrs);
    const variance = clamp(mul(p, sub(1, p)), { min: 1e-12 });
    return [
      needs[0] && mul(div(sub(p, target), variance), g),
      needs[1] && mul(sub(bounded(log1p(neg(p))), bounded(log(p))), g),
    ];
  },
  reference: ([p, target], { reduction }) =>
    reduced(neg(add(mul(target, bounded(log(p))), mul(sub(1, target), bounded(log1p(neg(p)))))), reduction),
});

/**
 * −w·(t·ln p + (1 − t)·ln(1 − p)): how surprising t is to the probability p. As in PyTorch no logarithm is below −100, so the loss
 * stays finite, and the gradient by p is w·(p − t)/max(p·(1 − p), 1e-12): 0 where p is t, 0 and 1 included.
 *
 * @param p probabilities, in 0..1; for scores before a sigmoid take `bceWithLogits`, which loses no digits
 * @param target of the shape of p, usually in 0..1
 * @throws ShapeError when the shapes differ; DTypeError unless all are of one floating dtype; DomainError when an element of p
 * is outside 0..1 (NaN is), and for an unknown option
 */
export const bce: Op<2, BceAttrs> = /* @__PURE__ */ wrapOp(probabilities, (p, target, attrs = {}) => {
  checkLoss('bce', attrs, ['weight']);
  const { weight, reduction = 'mean' } = attrs;
  if (weight === undefined) return probabilities(p, target, { reduction });
  const [x, t] = checkPair('bce', p, target);
  checkFactor('bce', 'weight', x, weight);
  return reduced(mul(probabilities(x, t, { reduction: 'none' }), weight), reduction);
});

/** Options of `bceWithLogits`. */
export interface BceWithLogitsAttrs extends BceAttrs {
  /** Multiplies the term of the positive targets, broadcast to the losses: above 1 it buys recall with precision. */
  readonly posWeight?: Tensor;
}

const logits: Op<2, BceWithLogitsAttrs> = /* @__PURE__ */ defineOp({
  name: 'bceWithLogits',
  arity: 2,
  signature: '…, … ->',
  keeps: { inputs: [0, 1] },
  check: (_, attrs) => checkLoss('bceWithLogits', attrs),
  forward: ({ inputs, attrs: { reduction } }) => reduced(bceWithLogitsKernel(inputs, undefined), reduction),
  backward({ dy, inputs: [x, target], attrs, needs }) {
    const g = each(dy, x, attrs);
    return [needs[0] && mul(sub(sigmoid(x), target), g), needs[1] && neg(mul(x, g))];
  },
  reference: ([x, target], { reduction }) => reduced(twoSided(x, target, target), reduction),
});

/** yes·ln(1 + e^−x) + (1 − t)·ln(1 + eˣ). */
function twoSided(x: Tensor, target: Tensor, yes: Tensor): Tensor {
  const exact = { threshold: Infinity };
  return add(mul(yes, softplus(neg(x), exact)), mul(sub(1, target), softplus(x, exact)));
}

/**
 * −w·(q·t·ln σ(x) + (1 − t)·ln(1 − σ(x))), σ the sigmoid, q the `posWeight`, w the `weight`: `bce` of scores, without its clamp and
 * without loss of digits at either end.
 *
 * @param x scores before the sigmoid
 * @param target of the shape of x, usually in 0..1
 * @throws ShapeError when shapes do not fit; DTypeError unless all are of one floating dtype; DomainError for an unknown option
 */
export const bceWithLogits: Op<2, BceWithLogitsAttrs> = /* @__PURE__ */ wrapOp(logits, (scores, target, attrs = {}) => {
  checkLoss('bceWithLogits', attrs, ['weight', 'posWeight']);
  const { weight, posWeight, reduction = 'mean' } = attrs;
  if (weight === undefined && posWeight === undefined) return logits(scores, target, { reduction });
  const [x, t] = checkPair('bceWithLogits', scores, target);
  checkFactor('bceWithLogits', 'weight', x, weight);
  checkFactor('bceWithLogits', 'posWeight', x, posWeight);
  const losses = posWeight ? twoSided(x, t, mul(t, posWeight)) : logits(x, t, { reduction: 'none' });
  return reduced(weight ? mul(losses, weight) : losses, reduction);
});
