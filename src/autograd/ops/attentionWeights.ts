/** Attention out of smaller ops, the weights formed in full: its reference, and the rule of a pass that is recorded itself. */
import { type AttentionKernelAttrs, dropoutRow } from '../../tensor/cpu/attentionBlock.ts';
import { written } from '../../tensor/create.ts';
import type { Shape } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Gradients } from '../record.ts';
import { add, mul, sub } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';
import { equal, where } from './compare.ts';
import { moveAxis, reshape } from './layout.ts';
import { matmul } from './matmul.ts';
import { max, sum } from './reduce.ts';
import { softmax } from './softmax.ts';

/** q, k, v and perhaps a mask. */
type Operands = readonly Tensor[];

/** The shape of the scores: […, t, s], or […, heads, t, s]. */
export const scoresShape = ([q, k]: Operands, heads?: number): Shape => [
  ...q.shape.slice(0, -2),
  ...(heads === undefined ? [] : [heads]),
  q.shape[q.rank - 2],
  k.shape[k.rank - 2],
];

/** […, n, heads·d] as […, heads, n, d]. */
const cut = (x: Tensor, heads: number): Tensor =>
  moveAxis(reshape(x, [...x.shape.slice(0, -1), heads, x.shape[x.rank - 1] / heads]), -2, -3);

/** Operands with an axis for the heads, the mask as it is. */
const apart = ([q, k, v, ...mask]: Operands, heads: number | null): Operands =>
  heads === null ? [q, k, v, ...mask] : [...[q, k, v].map((x) => cut(x, heads)), ...mask];

/** […, heads, n, d] as […, n, heads·d]. */
const joined = (x: Tensor): Tensor => {
  const side = moveAxis(x, -3, -2);
  const [heads, d] = side.shape.slice(-2);
  return reshape(side, [...side.shape.slice(0, -2), heads * d]);
};

/** A tensor of constants, in the dtype and on the device of x. */
function constant(shape: Shape, x: Tensor, dtype: Tensor['dtype'], fill: (data: Tensor['data']) => void): Tensor {
  return written('attention', shape, { dtype, device: x.device }, fill);
}

/** The scores, −∞ where a key may not be seen. */
function scoresOf(operands: Operands, { causal, scale }: AttentionKernelAttrs): Tensor {
  const [q, k, , mask] = operands;
  const [t, s] = scoresShape(operands).slice(-2);
  const all = mul(matmul(q, k, { transB: true }), scale);
  const seen =
    mask === undefined
      ? all
      : mask.dtype === 'bool'
        ? where(mask, all, -Infinity)
        : where(equal(mask, -Infinity), -Infinity, add(all, mask));
  if (!causal) return seen;
  const past = constant([t, s], q, 'bool', (data) => {
    for (let i = 0; i < t; i++) data.fill(1, i * s, i * s + Math.min(s, i + 1));
  });
  return where(past, seen, -Infinity);
}

/** The weights [… t, s] out of ops, in full; 0 in the rows of queries that see nothing. */
function weightsOf(operands: Operands, attrs: AttentionKernelAttrs): Tensor {
  const scores = scoresOf(operands, attrs);
  if (scores.shape[scores.rank - 1] === 0) return scores;
  const blind = equal(max(scores, { axis: -1, keepDims: true }), -Infinity);
  return where(blind, 0, softmax(where(blind, 0, scores)));
}

/** What dropout multiplies the weights by, in full; null without. */
function factorsOf(operands: Operands, { dropout }: AttentionKernelAttrs): Tensor | null {
  if (dropout === null) return null;
  const shape = scoresShape(operands);
  const s = shape[shape.length - 1];
  return constant(shape, operands[0], operands[0].dtype, (data) => {
    for (let row = 0; row < sizeOf(shape.slice(0, -1)); row++) dropoutRow(data, dropout, row, s, row * s, 1);
  });
}

const times = (x: Tensor, factors: Tensor | null): Tensor => (factors === null ? x : mul(x, factors));

/** The rule out of ops, for a pass that is recorded itself. It forms the weights in full. */
export function recordedRule(
  dy: Tensor,
  operands: Operands,
  attrs: AttentionKernelAttrs,
  needs: readonly boolean[],
): Gradients {
  const { heads } = attrs;
  if (heads !== null) {
    const parts = recordedRule(cut(dy, heads), apart(operands, heads), { ...attrs, heads: null }, needs);
    return parts.map((part, i) => (part && i < 3 ? joined(part) : part));
  }
  const [q, k, v, mask] = operands;
  const [p, factors] = [weightsOf(operands, attrs), factorsOf(operands, attrs)];
  const g = times(matmul(dy, v, { transB: true }), factors);
  const ds = mul(p, sub(g, sum(mul(p, g), { axis: -1, keepDims: true })));
  const scaled = mul(ds, attrs.scale);
  return [
    needs[0] && matmul(scaled, k),
    needs[1] && matmul(scaled, q, { transA: true }),
    needs[2] && matmul(times(p, factors), dy, { transA: true }),
    needs[3] && sumTo(ds, mask.shape),
  ];
}

/** The result: dropped weights times values. */
export function weightedMean(operands: Operands, attrs: AttentionKernelAttrs): Tensor {
  const each = apart(operands, attrs.heads);
  const y = matmul(times(weightsOf(each, attrs), factorsOf(each, attrs)), each[2]);
  return attrs.heads === null ? y : joined(y);
}
