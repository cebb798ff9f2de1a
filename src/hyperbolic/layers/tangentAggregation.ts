import type { CsrMatrix } from '../../autograd/csr.ts';
import { sigmoid } from '../../autograd/ops/activation.ts';
import { mul } from '../../autograd/ops/arithmetic.ts';
import { indexSelect } from '../../autograd/ops/gather.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { concat } from '../../autograd/ops/slice.ts';
import { spmm } from '../../autograd/ops/sparse.ts';
import { Linear, type LinearMap, type LinearOptions } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { tensor } from '../../tensor/create.ts';
import { rowsOf } from '../../tensor/csr.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * Weights of neighbours: the entry (i, j) of the adjacency is multiplied by σ(a([uᵢ ‖ uⱼ])), a an affine map to one number, u the
 * tangents at the origin. The weights of a row need not add up to 1.
 * @source Chami et al., arXiv 1910.12933, Section 4.3, with the sigmoid of its code in the place of the softmax
 */
export class NeighbourAttention extends Module {
  score: LinearMap;

  /** @throws DomainError unless d is a whole number >= 1 */
  constructor(d: number, options: LinearOptions) {
    super();
    this.score = new Linear(2 * d, 1, options);
  }

  /** The adjacency [n, n] with weights for the tangents u [n, d]. */
  weigh(adjacency: CsrMatrix, u: Tensor): CsrMatrix {
    const { indices, values } = adjacency;
    const rows = tensor(rowsOf(adjacency));
    const pairs = concat([indexSelect(u, rows), indexSelect(u, indices)], { axis: 1 });
    const scores = reshape(this.score.call(pairs), [indices.size]);
    return adjacency.withValues(mul(values, sigmoid(scores)));
  }

  /** The scores before the sigmoid of pairs [e, 2d]: [e, 1]. */
  call(pairs: Tensor): Tensor {
    return this.score.call(pairs);
  }
}

/**
 * The mean of the neighbours' tangents at the origin, A·u, with the weights of `attention` where there is one: adjacency [n, n], u [n, d].
 * @throws ShapeError, DTypeError as `spmm` does
 * @source Chami et al., arXiv 1910.12933, Section 4.3, at the origin, as its code does
 */
export const aggregateTangents = (
  adjacency: CsrMatrix,
  u: Tensor,
  attention: NeighbourAttention | null = null,
): Tensor => spmm(attention === null ? adjacency : attention.weigh(adjacency, u), u);
