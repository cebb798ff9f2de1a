/** Attention in SIMD against its definition: masks, causal, dropout, ragged sizes, unusual numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng, randn, type Shape, type Tensor, zeros } from '../../../src/index.ts';
import { attentionGradKernel, attentionKernel } from '../../../src/tensor/cpu/attention.ts';
import type { AttentionKernelAttrs, AttentionOperands } from '../../../src/tensor/cpu/attentionBlock.ts';
import { narrowed } from '../../harness/arbitraries.ts';
import { checkBackend, simd, type Wild, wild } from '../../harness/backend.ts';
import { plainly } from '../../harness/definition.ts';

/** dy, q, k, v and perhaps a mask. */
type Call = readonly [inputs: readonly Tensor[], attrs: AttentionKernelAttrs];

/** Of moderate size: the error of a float32 score is one of an exponent. */
const moderate = (x: number): number => (Number.isFinite(x) && Math.abs(x) > 3 ? Math.sign(x) * 3 : x);
const hiding = (x: number): number => (x > 1.15 ? -Infinity : moderate(x));

const boolOf = (x: Tensor): Tensor => {
  const mask = zeros(x.shape, { dtype: 'bool' });
  for (let i = 0; i < x.size; i++) mask.data[i] = x.data[i] > -0.7 ? 1 : 0;
  return mask;
};

/** None, bool, or numbers with −∞ here and there. */
const masks = (scores: Shape, special: boolean): fc.Arbitrary<readonly Tensor[]> =>
  narrowed(scores).chain((shape) =>
    fc.oneof(fc.constant([]), fc.tuple(wild(shape, { special, of: hiding })), fc.tuple(wild(shape).map(boolOf))),
  );

/** Seeds around 2³², where the row carries into the high word, and beyond. */
const seeds = fc.oneof(fc.nat(), fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 }), fc.integer({ min: 0, max: 2 ** 52 }));
const dropouts = fc.option(fc.record({ p: fc.constantFrom(0, 0.1, 0.5, 1), seed: seeds }));
const sizes = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 6, arbitrary: fc.constantFrom(16, 33, 70) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const calls = (special: boolean): fc.Arbitrary<Call> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      fc.constantFrom(null, 1, 2, 3),
      sizes,
      sizes,
      sizes,
      sizes,
    )
    .chain(([lead, heads, t, s, d, e]) => {
      const how: Wild = { special, of: moderate };
      const beside = heads ?? 1;
      return fc
        .tuple(
          fc.tuple(
            wild([...lead, t, beside * e], how),
            wild([...lead, t, beside * d], how),
            wild([...lead, s, beside * d], how),
            wild([...lead, s, beside * e], how),
          ),
          masks([...lead, ...(heads === null ? [] : [heads]), t, s], special),
          fc.record({
            causal: fc.boolean(),
            scale: fc.constantFrom(1, 0, -0.5).map((scale) => scale / Math.sqrt(d || 1)),
            dropout: dropouts,
            heads: fc.constant(heads),
          }),
        )
        .map(([operands, mask, attrs]): Call => [[...operands, ...mask], attrs]);
    });

const either = fc.boolean().chain(calls);

checkBackend(simd, {
  name: 'attention',
  kernel: attentionKernel,
  calls: either.map(([[, ...operands], attrs]) => [operands, attrs] as const),
  tolerance: 1e-5,
  of: 'result',
  smallest: 1e-6,
});

checkBackend(simd, {
  name: 'attentionGrad',
  kernel: attentionGradKernel,
  calls: fc
    .tuple(either, fc.boolean())
    .map(([[inputs, attrs], wanted]) => [
      inputs,
      { ...attrs, needsMask: wanted && inputs.length === 5 && inputs[4].dtype !== 'bool' },
    ]),
  tolerance: 1e-5,
  of: 'result',
  smallest: 1e-6,
});

/** Largest difference, relative to the largest element. */
function difference(found: Tensor, expected: Tensor): number {
  let [most, off] = [0, 0];
  for (let i = 0; i < expected.size; i++) {
    most = Math.max(most, Math.abs(expected.data[i]));
    off = Math.max(off, Math.abs(found.data[i] - expected.data[i]));
  }
  return off / most;
}

test('attention of 77,000 elements agrees, with many blocks of queries', () => {
  const rng = new Rng(4);
  const [t, s, d, e] = [601, 603, 129, 65];
  const make = (n: number, width: number): Tensor => randn([n, width], rng);
  const operands: AttentionOperands = [make(t, d), make(s, d), make(s, e), make(t, s)];
  const dy = make(t, e);
  for (const causal of [false, true]) {
    const attrs: AttentionKernelAttrs = { heads: null, causal, scale: 1 / Math.sqrt(d), dropout: { p: 0.1, seed: 7 } };
    const run = (): readonly Tensor[] => [
      attentionKernel(operands, attrs),
      ...attentionGradKernel([dy, ...operands], { ...attrs, needsMask: true }),
    ];
    const found = run();
    const expected = plainly(run);
    for (const [i, y] of found.entries()) {
      const off = difference(y, expected[i]);
      assert.ok(off < 5e-6, `result ${i}, causal ${causal}: ${off}`);
    }
  }
});

test('float64, masks that are the same for all keys, and empty operands are for the definition', () => {
  const accepts = (...operands: readonly Tensor[]): boolean | undefined =>
    simd.overlay.get('attention')?.accepts(operands as readonly never[], undefined as never);
  const x = zeros([2, 8, 4]);
  assert.equal(accepts(x, x, x), true);
  assert.equal(accepts(x, x, x, zeros([8])), true);
  assert.equal(accepts(x, x, x, zeros([8, 1])), false);
  assert.equal(accepts(x, x, x, zeros([])), false);
  assert.equal(accepts(x, zeros([2, 0, 4]), zeros([2, 0, 4])), false);
  assert.equal(accepts(x, x, zeros([2, 8, 0])), false);
  const y = zeros([2, 8, 4], { dtype: 'float64' });
  assert.equal(accepts(y, y, y), false);
});
