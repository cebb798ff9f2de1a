import { defineOp, type Op } from '../autograd/define.ts';
import { embedding } from '../autograd/ops/embedding.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { poincareDistance } from './ball.ts';
import { embeddingDistanceGradKernel, embeddingDistanceKernel, type ModelAttrs } from './embedding.kernel.ts';
import { lorentzDistance } from './hyperboloid.ts';

/** @throws DomainError when an index is not a row of the table */
function checkRows(table: Tensor, indices: Tensor): void {
  if (!indices.onHost) return;
  const [rows] = table.shape;
  const odd = indices.data.find((i) => i < 0 || i >= rows);
  if (odd !== undefined)
    throw new DomainError('embeddingDistance', `index ${odd} is not in 0..${rows - 1}`, [table.shape, indices.shape]);
}

/**
 * Distances in a table of points: d[i, j] between row anchors[i] and row candidates[i, j], in the Poincaré ball or the Lorentz model of curvature
 * −c; the gradient of equal points is 0. The looked-up points are not stored. Its rule has no derivative of its own.
 *
 * @param weight [v, n], points
 * @param anchors [b] int32, in 0..v−1
 * @param candidates [b, k] int32, in 0..v−1
 * @throws ShapeError or DTypeError when the operands do not fit; DomainError when an index is not a row
 */
export const embeddingDistance: Op<4, ModelAttrs> = /* @__PURE__ */ defineOp({
  name: 'embeddingDistance',
  arity: 4,
  signature: 'v n, b :int32, b k :int32, -> b k',
  keeps: { inputs: [0, 1, 2, 3] },
  once: true,
  check([weight, anchors, candidates]) {
    checkRows(weight, anchors);
    checkRows(weight, candidates);
  },
  forward: ({ inputs, attrs }) => embeddingDistanceKernel(inputs, attrs),
  backward({ dy, inputs, needs, attrs }) {
    const [dw, dc] = embeddingDistanceGradKernel([dy, ...inputs], { ...attrs, curvature: needs[3] });
    return [needs[0] && dw, null, null, needs[3] && dc];
  },
  reference([weight, anchors, candidates, c], { model }) {
    const distance = model === 'poincare' ? poincareDistance : lorentzDistance;
    return distance(unsqueeze(embedding(weight, anchors), 1), embedding(weight, candidates), c);
  },
});
