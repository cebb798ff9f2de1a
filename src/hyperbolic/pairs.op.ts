import { defineOp, type Op } from '../autograd/define.ts';
import { mul, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { isRecording } from '../autograd/scoped.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { pairwiseSquaresGradKernel, pairwiseSquaresKernel } from './pairs.kernel.ts';
import { squaredNorm } from './rowDot.op.ts';

const differences = (x: Tensor, z: Tensor): Tensor => sub(unsqueeze(x, 1), unsqueeze(z, 0));

/**
 * |x_i − z_j|² of all pairs of rows, x [m, n], z [p, n] → [m, p]. From the differences themselves, so that near pairs keep their digits;
 * they are not stored.
 * @throws ShapeError when n differs
 */
export const pairwiseSquares: Op<2> = /* @__PURE__ */ defineOp({
  name: 'pairwiseSquares',
  arity: 2,
  signature: 'm n, p n -> m p',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => pairwiseSquaresKernel(inputs, undefined),
  backward({ dy, inputs: [x, z] }) {
    if (!isRecording()) return pairwiseSquaresGradKernel([dy, x, z], undefined);
    const pulls = mul(differences(x, z), unsqueeze(mul(dy, 2), -1));
    return [sum(pulls, { axis: 1 }), mul(sum(pulls, { axis: 0 }), -1)];
  },
  reference: ([x, z]) => squaredNorm(differences(x, z)),
});
