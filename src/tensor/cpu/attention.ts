import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import {
  type AttentionKernelAttrs,
  type AttentionOperands,
  type Block,
  block,
  clearColumns,
  combineRows,
  layoutOf,
  maskStart,
  multiplyRows,
  packRows,
  roomFor,
  spreadRows,
  unpackRows,
  weigh,
} from './attentionBlock.ts';
import { permuteKernel } from './layout.ts';

/** The last two axes but one exchanged. */
const turned = (x: Tensor): Tensor =>
  permuteKernel(
    [x],
    x.shape.map((_, i) => (i === x.rank - 2 ? i - 1 : i === x.rank - 3 ? i + 1 : i)),
  );

/** […, n, heads·d] as […, heads, n, d]. */
const cut = (x: Tensor, heads: number): Tensor =>
  turned(x.rawView([...x.shape.slice(0, -1), heads, x.shape[x.rank - 1] / heads]));

/** Run `attend` on heads that lie apart: the results are joined again. A mask, after `count` operands, and its gradient stay. */
function apart<O extends readonly Tensor[]>(
  attend: (outputs: O, inputs: readonly Tensor[], attrs: AttentionKernelAttrs) => void,
  outputs: O,
  inputs: readonly Tensor[],
  count: number,
  attrs: AttentionKernelAttrs,
): void {
  const { heads } = attrs;
  if (heads === null) {
    attend(outputs, inputs, attrs);
    return;
  }
  const ys = outputs.map((y, i) => (i < 3 ? cut(y, heads) : y)) as unknown as O;
  const xs = inputs.map((x, i) => (i < count ? cut(x, heads) : x));
  attend(ys, xs, { ...attrs, heads: null });
  for (const [i, y] of outputs.slice(0, 3).entries()) y.data.set(turned(ys[i]).data);
}

function attend([y]: readonly [Tensor], operands: readonly Tensor[], attrs: AttentionKernelAttrs): void {
  const inputs = operands as AttentionOperands;
  const layout = layoutOf(inputs, null);
  const { batch, t, s, e } = layout;
  const room = roomFor(layout, attrs);
  const sums = new Float64Array(e * block);
  for (let head = 0; head < sizeOf(batch); head++)
    for (let i = 0; i < t; i += block) {
      const count = weigh(room, inputs, layout, attrs, head, i);
      combineRows(sums, room.dropped, inputs[2].data, head * s * e, e, count, 1);
      unpackRows(y.data, (head * t + i) * e, sums, e, Math.min(block, t - i));
    }
}

/**
 * y = dropout(softmax(scale·q·kᵀ + mask))·v for every head. Four queries are worked on at a time, so what exists besides the result is
 * their weights: 4·s numbers. Sums run in float64, in the order of the keys.
 */
export const attentionKernel: Kernel<AttentionOperands, AttentionKernelAttrs, Spec> = defineKernel({
  name: 'attention',
  infer: ([q, , v]: AttentionOperands) => ({ shape: [...q.shape.slice(0, -1), v.shape[v.rank - 1]], dtype: q.dtype }),
  cpu: (outputs, inputs, attrs) => apart(attend, outputs, inputs, 3, attrs),
});

/** The gradients of q, k and v, and, when `needsMask`, of an additive mask. */
type Gradients = readonly Spec[];

/** Gradient of the scores out of that of the dropped weights g: p·(g·f − Σ_j p·g·f) for each query, f being what dropout multiplied by. */
function throughSoftmax(g: Float64Array, { weights, factors }: Block, count: number): void {
  if (factors.length > 0) for (let c = 0; c < count * block; c++) g[c] *= factors[c];
  for (let r = 0; r < block; r++) {
    let along = 0;
    for (let j = 0; j < count; j++) along += weights[j * block + r] * g[j * block + r];
    for (let j = 0; j < count; j++) g[j * block + r] = weights[j * block + r] * (g[j * block + r] - along);
  }
}

function attendBack(
  [dq, dk, dv, dmask]: readonly Tensor[],
  [dy, ...operands]: readonly Tensor[],
  attrs: AttentionKernelAttrs,
): void {
  const inputs = operands as unknown as AttentionOperands;
  const layout = layoutOf(inputs, null);
  const { batch, t, s, d, e, strides } = layout;
  const room = roomFor(layout, attrs);
  const [keys, values] = [new Float64Array(s * d), new Float64Array(s * e)];
  const [sums, arriving] = [new Float64Array(d * block), new Float64Array(e * block)];
  const g = new Float64Array(s * block);
  const masks = new Float64Array(dmask?.size ?? 0);
  const [down, across] = strides.slice(batch.length);
  for (let head = 0; head < sizeOf(batch); head++) {
    keys.fill(0);
    values.fill(0);
    for (let i = 0; i < t; i += block) {
      const high = Math.min(block, t - i);
      const count = weigh(room, inputs, layout, attrs, head, i);
      packRows(arriving, dy.data, (head * t + i) * e, e, high);
      spreadRows(values, room.dropped, arriving, e, count, 1);
      multiplyRows(g, arriving, inputs[2].data, head * s * e, e, count);
      throughSoftmax(g, room, count);
      clearColumns(g, count, high);
      combineRows(sums, g, inputs[1].data, head * s * d, d, count, attrs.scale);
      unpackRows(dq.data, (head * t + i) * d, sums, d, high);
      spreadRows(keys, g, room.rows, d, count, attrs.scale);
      const at = maskStart(head, layout) + i * down;
      if (dmask !== undefined)
        for (let r = 0; r < high; r++)
          for (let j = 0; j < count; j++) masks[at + r * down + j * across] += g[j * block + r];
    }
    dk.data.set(keys, head * s * d);
    dv.data.set(values, head * s * e);
  }
  dmask?.data.set(masks);
}

/**
 * What `attention` does to the gradient of its result. The weights are made again, four queries at a time; the sums for keys and
 * values run in float64 over the queries of one head: s·(d + e) numbers besides the results. A mask gets its gradient
 * in float64 too, summed over what it was broadcast along.
 */
export const attentionGradKernel: Kernel<
  readonly [dy: Tensor, ...operands: AttentionOperands],
  AttentionKernelAttrs & { readonly needsMask: boolean },
  Gradients
> = defineKernel({
  name: 'attentionGrad',
  infer: ([, q, k, v, mask], { needsMask }): Gradients => [q, k, v, ...(needsMask && mask !== undefined ? [mask] : [])],
  cpu: (outputs, inputs, attrs) => apart(attendBack, outputs as readonly Tensor[], inputs, 4, attrs),
});
