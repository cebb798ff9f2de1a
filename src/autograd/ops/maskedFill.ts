import { expandKernel, maskedFillKernel } from '../../tensor/cpu/layout.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkValue } from '../options.ts';
import { sumTo } from './broadcast.ts';

/**
 * `maskedFill(x, mask, value)`: the value where the mask holds, x elsewhere, both broadcast. Where the value stands no
 * gradient flows, so −∞ is a value like any other; `where` takes a tensor of values.
 * @param x any dtype
 * @param mask bool
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless the mask is bool, or when the dtype of x cannot
 * hold the value; DomainError when the value is not a number
 */
export const maskedFill: Op<2, number> = /* @__PURE__ */ defineOp({
  name: 'maskedFill',
  arity: 2,
  signature: '…~ :same, …~ :bool -> …~ :same',
  keeps: { inputs: [1] },
  check: ([x], value) => checkValue('maskedFill', value, x.dtype),
  forward({ inputs: [x, mask], attrs: value }) {
    const shape = broadcastShapes('maskedFill', x.shape, mask.shape);
    const wide = (t: Tensor): Tensor => (sameShape(t.shape, shape) ? t : expandKernel([t], shape));
    return maskedFillKernel([wide(x), wide(mask)], value);
  },
  backward: ({ dy, inputs: [x, mask] }) => [sumTo(maskedFill(dy, mask, 0), x.shape), null],
});
