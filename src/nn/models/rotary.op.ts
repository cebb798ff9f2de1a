import { defineOp, type Op } from '../../autograd/define.ts';
import { add, mul, neg, sub } from '../../autograd/ops/arithmetic.ts';
import { sumTo } from '../../autograd/ops/broadcast.ts';
import { reshape, unsqueeze } from '../../autograd/ops/layout.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { concat, slice } from '../../autograd/ops/slice.ts';
import { ones, zeros } from '../../tensor/create.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../../tensor/errors.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { rotaryKernel } from './rotary.kernel.ts';

/** […, t, heads·2h] as […, t, heads, 2, h]. */
function halves(x: Tensor, h: number): Tensor {
  const n = x.shape[x.rank - 1];
  return reshape(x, [...x.shape.slice(0, -1), n / (2 * h), 2, h]);
}

/** Σ over heads and halves of a·b, in the shape of the table. */
const overHeads = (a: Tensor, b: Tensor, table: Tensor): Tensor =>
  sumTo(sum(halves(mul(a, b), table.shape[table.rank - 1]), { axis: [-3, -2] }), table.shape);

function check([x, cos, sin]: readonly Tensor[]): void {
  const shapes = [x.shape, cos.shape, sin.shape];
  for (const t of [x, cos, sin])
    if (!isFloat(t.dtype) || t.dtype !== x.dtype)
      throw new DTypeError('rotary', `takes one floating dtype, got ${x.dtype}, ${cos.dtype} and ${sin.dtype}`);
  const [places, half] = [cos.shape.slice(0, -1), cos.shape[cos.rank - 1]];
  if (cos.rank === 0 || !sameShape(cos.shape, sin.shape))
    throw new ShapeError('rotary', 'cos and sin have one shape, […, t, h]', shapes);
  if (x.rank < cos.rank || !sameShape(places, x.shape.slice(x.rank - cos.rank, -1)))
    throw new ShapeError('rotary', 'the places of cos and sin are the last of those of x', shapes);
  if (half === 0 || x.shape[x.rank - 1] % (2 * half) !== 0)
    throw new ShapeError('rotary', `heads of ${2 * half} numbers do not divide the last axis`, shapes);
}

/** The same out of slices and products. */
function composed([x, cos, sin]: readonly Tensor[]): Tensor {
  const cut = halves(x, cos.shape[cos.rank - 1]);
  const part = (i: number): Tensor => slice(cut, [...cut.shape.slice(0, -2).map(() => null), [i, i + 1]]);
  const [a, b] = [part(0), part(1)];
  const [c, s] = [unsqueeze(cos, [-2, -3]), unsqueeze(sin, [-2, -3])];
  return reshape(concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], { axis: -2 }), x.shape);
}

/**
 * Heads turned by their position: each head is two halves (a, b) of h numbers, and becomes (a·cos − b·sin, b·cos + a·sin), pair after
 * pair. x […, t, heads·2h], the heads side by side; cos and sin [t, h], or with leading axes of x before them.
 *
 * The product of a query at place i and a key at place j, both turned, depends on i − j alone.
 * @throws ShapeError when the shapes do not fit; DTypeError unless all are of one floating dtype
 * @source Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", arXiv 2104.09864, Eq. 34, the pairs taken from the
 * two halves, as in LLaMA's published weights
 */
export const rotary: Op<3> = /* @__PURE__ */ defineOp({
  name: 'rotary',
  arity: 3,
  keeps: { inputs: [0, 1, 2] },
  check,
  forward: ({ inputs }) => rotaryKernel(inputs, undefined),
  backward({ dy, inputs: [x, cos, sin], needs }) {
    const { shape, dtype, device } = cos;
    const quarter = (): Tensor => rotary(x, zeros(shape, { dtype, device }), ones(shape, { dtype, device }));
    return [
      needs[0] && rotary(dy, cos, neg(sin)),
      needs[1] && overHeads(dy, x, cos),
      needs[2] && overHeads(dy, quarter(), sin),
    ];
  },
  reference: composed,
});
