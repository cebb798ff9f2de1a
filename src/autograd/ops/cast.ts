import { castKernel } from '../../tensor/cpu/layout.ts';
import { type DType, isDType } from '../../tensor/dtype.ts';
import { DTypeError } from '../../tensor/errors.ts';
import { defineOp, type Op } from '../define.ts';

/**
 * The same values in another dtype: rounded for float32, cut towards zero for int32, `x !== 0` for bool. Gradients pass
 * between the floating dtypes. Shares storage with x when it has that dtype.
 * @throws DTypeError when the dtype has no such name
 */
export const cast: Op<1, DType> = /* @__PURE__ */ defineOp({
  name: 'cast',
  arity: 1,
  signature: '… :any -> … :any',
  check(_, dtype) {
    if (!isDType(dtype)) throw new DTypeError('cast', `there is no dtype '${String(dtype)}'`);
  },
  forward: ({ inputs: [x], attrs: dtype }) => (x.dtype === dtype ? x.rawView(x.shape) : castKernel([x], dtype)),
  backward: ({ dy, inputs: [x] }) => [cast(dy, x.dtype)],
});
