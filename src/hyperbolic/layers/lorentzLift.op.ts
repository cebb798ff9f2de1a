import { defineOp, type Op } from '../../autograd/define.ts';
import { sigmoid } from '../../autograd/ops/activation.ts';
import { add, div, mul, neg, square, sub } from '../../autograd/ops/arithmetic.ts';
import { greater, where } from '../../autograd/ops/compare.ts';
import { exp, sqrt } from '../../autograd/ops/exponential.ts';
import { clamp } from '../../autograd/ops/extrema.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { concat } from '../../autograd/ops/slice.ts';
import { isRecording } from '../../autograd/scoped.ts';
import { ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature } from '../curvature.ts';
import { spaceOf, timeColumn } from '../lorentz.op.ts';
import { guardOf } from '../lorentzGuard.ts';
import { dotColumn } from '../rowDot.op.ts';
import { lorentzLiftGradKernel, lorentzLiftKernel } from './lorentzLift.kernel.ts';

type Operands = readonly [z: Tensor, scale: Tensor, c: Tensor];

/** What value and rule are made of, out of small ops: [… 1] each, and the direction [… n−1]. */
function parts([z, scale, c]: Operands) {
  const { shortest, steepest } = guardOf(z.dtype);
  const space = spaceOf(z);
  const squares = dotColumn(space, space);
  const directed = greater(squares, shortest ** 2);
  const inverse = where(directed, div(1, sqrt(where(directed, squares, 1))), 0);
  const share = sigmoid(timeColumn(z));
  const widest = exp(clamp(scale, { max: steepest }));
  const time = add(mul(share, widest), 1.1);
  const radius = sqrt(sub(square(time), 1));
  return { directed, inverse, direction: mul(space, inverse), share, widest, time, radius, unit: div(1, sqrt(c)) };
}

/** `lorentzLift`, made of ops. */
function composed(operands: Operands): Tensor {
  const { directed, direction, time, radius, unit } = parts(operands);
  return mul(concat([where(directed, time, 1), mul(direction, radius)], { axis: -1 }), unit);
}

/** The gradients of `lorentzLift`, made of ops. */
function throughLift(dy: Tensor, operands: Operands): readonly Tensor[] {
  const [, scale, c] = operands;
  const { directed, inverse, direction, share, widest, time, radius, unit } = parts(operands);
  const space = spaceOf(dy);
  const along = dotColumn(space, direction);
  const pull = mul(where(directed, add(timeColumn(dy), div(mul(along, time), radius)), 0), unit);
  const slope = mul(pull, mul(share, widest));
  const across = mul(mul(sub(space, mul(along, direction)), mul(radius, inverse)), unit);
  const dz = concat([mul(slope, sub(1, share)), across], { axis: -1 });
  const ds = where(greater(scale, guardOf(dy.dtype).steepest), 0, sum(slope));
  return [dz, ds, neg(div(sum(mul(dy, composed(operands))), mul(c, 2)))];
}

/**
 * Any vector as a point of the hyperboloid <y, y> = −1/c, by HyboNet's construction: z = (z0, zs) gives the time
 * t = (σ(z0)·e^scale + 1.1)/√c and the space √(t² − 1/c)·zs/|zs|. Only the direction of zs counts.
 *
 * z […, n], scale [], c [] → y […, n]. Where zs has no direction (|zs| no more than 1e-10 in float32, 1e-100 in float64) y is the origin,
 * and no gradient flows to z and scale. The scale is read as at most 40 in float32, 340 in float64.
 * @throws ShapeError when rows are empty; DTypeError when dtypes differ; DomainError unless c is positive and finite
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the linear layer in the code published
 * with it, there for c = 1
 */
export const lorentzLift: Op<3> = /* @__PURE__ */ defineOp({
  name: 'lorentzLift',
  arity: 3,
  signature: '… n, , -> … n',
  keeps: { inputs: [0, 1, 2] },
  check([z, , c]) {
    if (z.shape[z.rank - 1] === 0) throw new ShapeError('lorentzLift', 'a point has at least a time', [z.shape]);
    checkCurvature('lorentzLift', c);
  },
  forward: ({ inputs }) => lorentzLiftKernel(inputs, undefined),
  backward: ({ dy, inputs }) =>
    isRecording() ? throughLift(dy, inputs) : lorentzLiftGradKernel([dy, ...inputs], undefined),
  reference: (inputs) => composed(inputs),
});
