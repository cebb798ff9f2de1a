import { mulKernel } from '../../tensor/cpu/arithmetic.ts';
import { matmulKernel } from '../../tensor/cpu/matmul.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { checkCompanion } from '../companion.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { wrapOp } from '../wrap.ts';
import { add, mul } from './arithmetic.ts';
import { einsum } from './einsum.ts';
import { matmul } from './matmul.ts';
import { sum } from './reduce.ts';

/**
 * Σ_i a_i·b_i of two vectors [n], a scalar.
 * @throws ShapeError unless both are vectors of one length; DTypeError unless both are of one floating dtype
 */
export const dot: Op<2> = /* @__PURE__ */ defineOp({
  name: 'dot',
  arity: 2,
  signature: 'n, n ->',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs: [a, b] }) => matmulKernel([a.rawView([1, a.size]), b.rawView([b.size, 1])], {}).rawView([]),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && mul(dy, b), needs[1] && mul(dy, a)],
  reference: ([a, b]) => sum(mul(a, b)),
});

/**
 * y[i, j] = a_i·b_j of two vectors [m] and [n].
 * @throws ShapeError unless both are vectors; DTypeError unless both are of one floating dtype
 */
export const outer: Op<2> = /* @__PURE__ */ defineOp({
  name: 'outer',
  arity: 2,
  signature: 'm, n -> m n',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs: [a, b] }) => mulKernel([a.rawView([a.size, 1]), b], undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && matmul(dy, b), needs[1] && matmul(a, dy)],
});

/** What a bilinear map may have besides its form. */
export interface BilinearAttrs {
  /** [o], added to every result. */
  readonly bias?: Tensor;
}

const form: Op<3, BilinearAttrs> = /* @__PURE__ */ defineOp({
  name: 'bilinear',
  arity: 3,
  signature: '… i, … j, o i j -> … o',
  keeps: { inputs: [0, 1, 2] },
  forward: ({ inputs: [x1, x2, weight] }) => einsum('...i,oij,...j->...o', x1, weight, x2),
  backward: ({ dy, inputs: [x1, x2, weight], needs }) => [
    needs[0] && einsum('...o,oij,...j->...i', dy, weight, x2),
    needs[1] && einsum('...o,oij,...i->...j', dy, weight, x1),
    needs[2] && einsum('...o,...i,...j->oij', dy, x1, x2),
  ],
});

/**
 * y_o = x1ᵀ·W_o·x2 + b_o for every o: a form in two vectors, linear in each.
 *
 * Operands x1 […, i], x2 […, j] with equal leading axes, weight [o, i, j]; `bias` [o]; the result is […, o].
 * @throws ShapeError when an axis differs; DTypeError unless all are of one floating dtype; DomainError for an unknown option
 */
export const bilinear: Op<3, BilinearAttrs> = /* @__PURE__ */ wrapOp(form, (x1, x2, weight, attrs = {}) => {
  checkOptions('bilinear', attrs, ['bias']);
  if (weight instanceof Tensor) checkCompanion('bilinear', 'bias', attrs.bias, weight, weight.shape.slice(0, 1));
  const y = form(x1, x2, weight);
  return attrs.bias === undefined ? y : add(y, attrs.bias);
});
