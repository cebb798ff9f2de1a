import { defineOp, type Op } from '../../autograd/define.ts';
import { add, div, mul, neg, square } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { concat } from '../../autograd/ops/slice.ts';
import { isRecording } from '../../autograd/scoped.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature } from '../curvature.ts';
import { dotRows, spaceOf, timeOf } from './lorentzRows.ts';
import { lorentzTimeGradKernel, lorentzTimeKernel } from './lorentzTime.kernel.ts';

/** The gradients of `lorentzTime`, made of ops. */
function throughTime(dy: Tensor, y: Tensor, c: Tensor): readonly Tensor[] {
  const pull = div(timeOf(dy), timeOf(y));
  return [add(spaceOf(dy), mul(pull, spaceOf(y))), neg(div(sum(pull), mul(square(c), 2)))];
}

/**
 * The point of the hyperboloid <y, y> = −1/c above x: y = (√(|x|² + 1/c), x). Spatial coordinates x […, d], c [] → y […, d + 1].
 * @throws ShapeError when x has no axis; DTypeError when dtypes differ; DomainError unless c is positive and finite
 * @source arXiv 2405.15481, Eq. 17, with 1/c for −1/K
 */
export const lorentzTime: Op<2> = /* @__PURE__ */ defineOp({
  name: 'lorentzTime',
  arity: 2,
  signature: '… d, -> … n',
  keeps: { inputs: [1], outputs: [0] },
  check: ([, c]) => checkCurvature('lorentzTime', c),
  forward: ({ inputs }) => lorentzTimeKernel(inputs, undefined),
  backward: ({ dy, y, inputs: [, c] }) =>
    isRecording() ? throughTime(dy, y, c) : lorentzTimeGradKernel([dy, y, c], undefined),
  reference: ([x, c]) => concat([sqrt(add(dotRows(x, x), div(1, c))), x], { axis: -1 }),
});
