import { defineOp, type Op } from '../../autograd/define.ts';
import { mul } from '../../autograd/ops/arithmetic.ts';
import { indexAdd, indexSelect } from '../../autograd/ops/gather.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { isRecording } from '../../autograd/scoped.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flipTime } from '../rowDot.op.ts';
import { lorentzPairsGradKernel, lorentzPairsKernel } from './lorentzPairs.kernel.ts';

/** The first or second of each pair, [e]. */
const endOf = (pairs: Tensor, i: number): Tensor => reshape(slice(pairs, [null, [i, i + 1]]), [pairs.shape[0]]);

/** The gradient of `lorentzPairs`, made of ops. */
function throughPairs(dy: Tensor, x: Tensor, pairs: Tensor): Tensor {
  const [a, b] = [endOf(pairs, 0), endOf(pairs, 1)];
  const each = reshape(dy, [dy.size, 1]);
  const flipped = flipTime(x);
  const none = zeros(x.shape, { dtype: x.dtype, device: x.device });
  return indexAdd(indexAdd(none, a, mul(indexSelect(flipped, b), each)), b, mul(indexSelect(flipped, a), each));
}

/**
 * Lorentzian inner products of pairs of points, <x[a], x[b]> = −x[a,0]·x[b,0] + Σ x[a,i]·x[b,i]: x [nodes, n], pairs [e, 2] int32 → [e].
 * @throws ShapeError unless pairs are [e, 2]; DTypeError when dtypes do not fit; DomainError when a pair names a row that x does not have
 */
export const lorentzPairs: Op<2> = /* @__PURE__ */ defineOp({
  name: 'lorentzPairs',
  arity: 2,
  signature: 'nodes n, e two :int32 -> e',
  keeps: { inputs: [0, 1] },
  check([x, pairs]) {
    const shapes = [x.shape, pairs.shape];
    if (pairs.shape[1] !== 2) throw new ShapeError('lorentzPairs', 'pairs are [e, 2]', shapes);
    if (!pairs.onHost) return;
    const { data } = pairs;
    for (let i = 0; i < data.length; i++)
      if (data[i] < 0 || data[i] >= x.shape[0])
        throw new DomainError('lorentzPairs', `${data[i]} is no row in 0..${x.shape[0] - 1}`, shapes);
  },
  forward: ({ inputs }) => lorentzPairsKernel(inputs, undefined),
  backward: ({ dy, inputs: [x, pairs] }) => [
    isRecording() ? throughPairs(dy, x, pairs) : lorentzPairsGradKernel([dy, x, pairs], undefined),
    null,
  ],
  reference: ([x, pairs]) =>
    sum(mul(indexSelect(flipTime(x), endOf(pairs, 0)), indexSelect(x, endOf(pairs, 1))), { axis: 1 }),
});
