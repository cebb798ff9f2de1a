/** Attention. Values against PyTorch: test/golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AttentionAttrs,
  attention,
  type ScaledDotProductAttentionAttrs,
  scaledDotProductAttention,
} from '../../../src/autograd/ops/attention.ts';
import {
  allocations,
  DomainError,
  DTypeError,
  grad,
  ones,
  Rng,
  randn,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { narrowed, probes, shapes, tensors, type Values } from '../../harness/arbitraries.ts';
import type { Case } from '../../harness/cases.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { anyOp, run } from '../../harness/gradients.ts';
import { broadcastAt, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** Grid values, one in six −∞. */
const hiding: Values = (size) =>
  fc.array(
    fc.oneof(
      fc.constant(-Infinity),
      ...Array.from({ length: 5 }, () => fc.integer({ min: -32, max: 32 }).map((k) => k / 16)),
    ),
    {
      minLength: size,
      maxLength: size,
    },
  );

const mask = (wide: Shape): fc.Arbitrary<readonly Tensor[]> =>
  narrowed(wide).chain((shape) =>
    fc.oneof(
      fc.constant([]),
      fc.tuple(tensors(shape, { dtype: 'bool' })),
      fc.tuple(tensors(shape, { values: hiding })),
    ),
  );

const attrs: fc.Arbitrary<AttentionAttrs> = fc.record(
  {
    causal: fc.boolean(),
    scale: fc.constantFrom(0.5, 1),
    dropout: fc.record({ p: fc.constantFrom(0.25, 0.5), seed: fc.nat(99) }),
  },
  { requiredKeys: [] },
);

/** Calls with every kind of mask; `t` reaches beyond one block of four queries. With `heads` so many lie side by side. */
const callsWith = (heads?: number): fc.Arbitrary<Case<AttentionAttrs>> =>
  fc
    .tuple(
      shapes({ maxRank: 2, minSize: 1, maxSize: 2 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }).map((d) => d * (heads ?? 1)),
      fc.integer({ min: 1, max: 3 }).map((e) => e * (heads ?? 1)),
    )
    .chain(([lead, t, s, d, e]) => {
      const scores = heads === undefined ? [...lead, t, s] : [...lead, heads, t, s];
      return fc
        .tuple(tensors([...lead, t, d]), tensors([...lead, s, d]), tensors([...lead, s, e]), mask(scores), attrs)
        .map(([q, k, v, masks, options]) => ({
          inputs: [q, k, v, ...masks],
          attrs: heads === undefined ? options : { ...options, heads },
        }));
    });
const alone = callsWith();
const calls = fc.oneof(alone, callsWith(1), callsWith(2));
checkOp(attention, { inputs: calls });

/** Query by query, key by key. */
function naive({ inputs: [q, k, v, m], attrs: { causal = false, scale } }: Case<AttentionAttrs>): number[] {
  const [t, s, d] = [q.shape[q.rank - 2], k.shape[k.rank - 2], q.shape[q.rank - 1]];
  const lead = q.shape.slice(0, -2);
  return valuesOf([...lead, t, v.shape[v.rank - 1]], (index) => {
    const [head, i, x] = [index.slice(0, -2), index[index.length - 2], index[index.length - 1]];
    let [total, sum] = [0, 0];
    for (let j = 0; j < s; j++) {
      if (causal && j > i) continue;
      let score = 0;
      for (let c = 0; c < d; c++) score += broadcastAt(q, [...head, i, c]) * broadcastAt(k, [...head, j, c]);
      score *= scale ?? 1 / Math.sqrt(d);
      const hint = m === undefined ? 0 : broadcastAt(m, [...head, i, j]);
      const weight = m?.dtype === 'bool' ? hint * Math.exp(score) : Math.exp(score + hint);
      sum += weight;
      total += weight * broadcastAt(v, [...head, j, x]);
    }
    return sum === 0 ? 0 : total / sum;
  });
}

test('attention is the weighted mean of the values, query by query', () => {
  fc.assert(
    fc.property(alone, ({ inputs, attrs: { dropout: _, ...rest } }) => {
      const y = attention(inputs, rest);
      assertClose(y, tensor(naive({ inputs, attrs: rest }), { shape: y.shape, dtype: 'float64' }), 1e-13, 'attention');
    }),
  );
});

test('the rule of a pass that is recorded is the kernel', () => {
  fc.assert(
    fc.property(calls, probes, (c, probe) => {
      const [one, two] = [false, true].map((createGraph) => run(anyOp(attention), c, { probe, createGraph }));
      for (const [i, g] of one.gradients.entries()) assertClose(g, two.gradients[i], 1e-12, `gradient ${i}`);
    }),
  );
});

test('neither pass forms the weights of more than one head', () => {
  const [b, h, t, d] = [2, 3, 64, 4];
  const rng = new Rng(0);
  const make = (): Tensor => randn([b, h, t, d], rng, { requiresGrad: true });
  const operands = [make(), make(), make()] as const;
  const bytes = (fn: () => unknown): number => {
    const before = allocations().bytes;
    fn();
    return allocations().bytes - before;
  };
  const one = b * h * t * d * 4;
  let y = operands[0];
  for (const options of [
    {},
    { causal: true },
    { mask: ones([t, t], { requiresGrad: true }) },
    { dropout: { p: 0.1, rng } },
  ] satisfies ScaledDotProductAttentionAttrs[]) {
    assert.equal(
      bytes(() => {
        y = scaledDotProductAttention(...operands, options);
      }),
      one,
    );
    const upstream = ones(y.shape);
    const wanted = [...operands, ...('mask' in options ? [options.mask] : [])];
    const own = wanted.reduce((total, x) => total + x.bytes, 0);
    assert.equal(
      bytes(() => grad(y, wanted, { gradOutputs: [upstream] })),
      own,
    );
  }
  assert.ok(t * t * 4 > one / (b * h), 'the weights of one head would have been seen');
});

test('attention refuses what does not fit, by name, and survives garbage', () => {
  const op = 'scaledDotProductAttention';
  const x = zeros([2, 4, 3]);
  const call = (options: unknown): unknown =>
    scaledDotProductAttention(x, x, x, options as ScaledDotProductAttentionAttrs);
  assertRefuses(() => scaledDotProductAttention(x, zeros([2, 4, 2]), x), ShapeError, op, /axis 'd' is 3 and 2/);
  assertRefuses(() => scaledDotProductAttention(x, x, zeros([2, 5, 3])), ShapeError, op, /axis 's' is 4 and 5/);
  assertRefuses(() => scaledDotProductAttention(x, zeros([1, 4, 3]), x), ShapeError, op, /leading axes/);
  for (const shape of [
    [3, 4],
    [3, 4, 4],
    [1, 2, 4, 4],
  ])
    assertRefuses(() => call({ mask: ones(shape) }), ShapeError, op);
  assertRefuses(() => call({ mask: zeros([4, 4], { dtype: 'int32' }) }), DTypeError, op, /mask is int32/);
  assertRefuses(() => call({ mask: zeros([4, 4], { dtype: 'float64' }) }), DTypeError, op, /mask is float64/);
  assertRefuses(() => call({ heads: 2 }), ShapeError, op, /2 heads do not divide/);
  assertRefuses(() => call({ heads: 3, mask: ones([2, 4, 4]) }), ShapeError, op);
  for (const bad of [
    { scale: Number.NaN },
    { causal: 1 },
    { dropout: { p: 2, rng: new Rng(0) } },
    { dropout: { p: 0.5 } },
    { dropout: 0.5 },
    { isCausal: true },
    { heads: 0 },
    { heads: 1.5 },
  ])
    assertRefuses(() => call(bad), DomainError, op);
  for (const bad of [
    { p: -1, seed: 0 },
    { p: 0.5, seed: 0.5 },
    { p: 0.5, seed: 2 ** 53 },
  ])
    assertRefuses(() => attention([x, x, x], { dropout: bad }), DomainError, 'attention');
  assertRefuses(() => attention([x, x]), ShapeError, 'attention', /perhaps a mask/);
});

test('attention survives garbage', () => {
  survives(
    'scaledDotProductAttention',
    scaledDotProductAttention,
    anyOperand,
    anyOperand,
    anyOperand,
    anyOptions('mask', 'causal', 'scale', 'dropout', 'heads'),
  );
  survives(
    'attention',
    attention,
    fc.oneof(anyOperand, fc.array(anyOperand, { maxLength: 5 })),
    anyOptions('causal', 'scale', 'dropout', 'heads'),
  );
});
