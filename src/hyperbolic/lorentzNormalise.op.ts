import { defineOp, type Op } from '../autograd/define.ts';
import { add, div, mul, neg, sub } from '../autograd/ops/arithmetic.ts';
import { greater, where } from '../autograd/ops/compare.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import { logicalAnd, logicalNot } from '../autograd/ops/logic.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { concat } from '../autograd/ops/slice.ts';
import { isRecording } from '../autograd/scoped.ts';
import { ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature } from './curvature.ts';
import { spaceOf, timeColumn } from './lorentz.op.ts';
import { guardOf } from './lorentzGuard.ts';
import { lorentzNormaliseGradKernel, lorentzNormaliseKernel } from './lorentzNormalise.kernel.ts';
import { dotColumn } from './rowDot.op.ts';

type Operands = readonly [s: Tensor, c: Tensor];

/** What value and rule are made of, out of small ops: [… 1] each, and w [… n−1]. */
function parts([s, c]: Operands) {
  const { shortest, margin } = guardOf(s.dtype);
  const space = spaceOf(s);
  const future = greater(timeColumn(s), shortest);
  const perTime = where(future, div(1, where(future, timeColumn(s), 1)), 0);
  const w = mul(space, perTime);
  const q = sub(1, dotColumn(w, w));
  const far = logicalNot(greater(q, margin));
  const perLength = div(1, sqrt(where(far, dotColumn(space, space), 1)));
  const reached = where(far, mul(space, mul(perLength, Math.sqrt(1 - margin))), w);
  const depth = where(far, margin, q);
  return { future, far, perTime, perLength, w: where(future, reached, 0), depth, unit: div(1, sqrt(mul(c, depth))) };
}

/** `lorentzNormalise`, made of ops. */
function composed(operands: Operands): Tensor {
  const { future, w, unit } = parts(operands);
  return concat([where(future, unit, div(1, sqrt(operands[1]))), mul(w, unit)], { axis: -1 });
}

/** The gradients of `lorentzNormalise`, made of ops. */
function throughNormalise(dy: Tensor, operands: Operands): readonly Tensor[] {
  const { future, far, perTime, perLength, w, depth, unit } = parts(operands);
  const [, c] = operands;
  const space = spaceOf(dy);
  const along = dotColumn(space, w);
  const pull = div(add(timeColumn(dy), along), depth);
  const dw = mul(unit, add(space, mul(pull, w)));
  const margin = guardOf(dy.dtype).margin;
  const across = mul(mul(unit, perLength), sub(space, mul(div(along, 1 - margin), w)));
  const ds = where(far, mul(across, Math.sqrt(1 - margin)), mul(dw, perTime));
  const dt = where(logicalAnd(future, logicalNot(far)), neg(mul(dotColumn(dw, w), perTime)), 0);
  const dc = neg(div(sum(mul(dy, composed(operands))), mul(c, 2)));
  return [concat([dt, where(future, ds, 0)], { axis: -1 }), dc];
}

/**
 * The point of the hyperboloid <y, y> = −1/c on the ray through s, y = s/√(−c·<s, s>): what makes a centroid of a weighted sum of points,
 * whatever the sum of the weights is.
 *
 * s […, n] timelike with s0 > 0, c [] → y […, n]. Other vectors are led back: a positive time with 1 − |ss|²/s0² below the
 * rounding unit gives the point at that margin in the direction of ss, continuously; a time that is not positive (no more than 1e-10
 * in float32, 1e-100 in float64) gives the origin, and no gradient flows.
 * @throws ShapeError when rows are empty; DTypeError when dtypes differ; DomainError unless c is positive and finite
 * @source Law et al., "Lorentzian Distance Learning for Hyperbolic Representations", ICML 2019, the centroid; Chen et
 * al., arXiv 2105.14686, the attention layer
 */
export const lorentzNormalise: Op<2> = /* @__PURE__ */ defineOp({
  name: 'lorentzNormalise',
  arity: 2,
  signature: '… n, -> … n',
  keeps: { inputs: [0, 1] },
  check([s, c]) {
    if (s.shape[s.rank - 1] === 0) throw new ShapeError('lorentzNormalise', 'a point has at least a time', [s.shape]);
    checkCurvature('lorentzNormalise', c);
  },
  forward: ({ inputs }) => lorentzNormaliseKernel(inputs, undefined),
  backward: ({ dy, inputs }) =>
    isRecording() ? throughNormalise(dy, inputs) : lorentzNormaliseGradKernel([dy, ...inputs], undefined),
  reference: (inputs) => composed(inputs),
});
