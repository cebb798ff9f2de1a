import { DTypeError, type Shape, ShapeError } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkTensor } from './options.ts';

/**
 * A tensor among the options, such as a weight or a bias, that goes with the operand x.
 * @throws DTypeError unless it is a tensor of the dtype of x; ShapeError unless it has that shape
 */
export function checkCompanion(op: string, what: string, t: Tensor | undefined, x: Tensor, shape: Shape): void {
  if (t === undefined) return;
  checkTensor(op, t);
  if (!sameShape(t.shape, shape)) throw new ShapeError(op, `${what} should be [${shape}]`, [x.shape, t.shape]);
  if (t.dtype !== x.dtype)
    throw new DTypeError(op, `operands are ${x.dtype} and ${what} is ${t.dtype}: cast one of them`);
}
