/** The spectral ops: the laws of every op, and the two forms tied to one another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat, ShapeError, slice, type Tensor, zeros } from '../../src/index.ts';
import { type SpectralAttrs, sparseSpectralLinear, spectralLinear } from '../../src/sst/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import { type Case, leaf } from '../harness/cases.ts';
import { assertClose, assertRefuses } from '../harness/compare.ts';
import { anyOp, run } from '../harness/gradients.ts';
import { checkOp } from '../harness/op.ts';

const attrs: readonly SpectralAttrs[] = [{}, { enhanced: true }, { enhanced: false }];
const leads = fc.constantFrom<readonly number[]>([], [1], [3], [2, 2], [0], [2, 0]);
const size = fc.integer({ min: 1, max: 4 });

/** Any split of k into active and frozen, both possibly none; σ has zeros and negatives. */
const sparseCases: fc.Arbitrary<Case<SpectralAttrs>> = fc
  .record({ lead: leads, m: size, n: size, r: fc.nat(3), f: fc.nat(3), attrs: fc.constantFrom(...attrs) })
  .chain(({ lead, m, n, r, f, attrs: a }) =>
    fc
      .tuple(...[[...lead, n], [r, m], [f, m], [r + f], [r, n], [f, n]].map((shape) => tensors(shape)))
      .map((inputs) => ({ inputs, attrs: a })),
  );

checkOp(spectralLinear, { attrs });
checkOp(sparseSpectralLinear, { inputs: sparseCases });

/** A wider case: ut, σ and vt whole, with the place where they are split. */
const splits = fc
  .record({
    lead: leads,
    m: fc.integer({ min: 1, max: 9 }),
    n: fc.integer({ min: 1, max: 9 }),
    k: fc.integer({ min: 1, max: 9 }),
  })
  .chain(({ lead, m, n, k }) =>
    fc.record({
      whole: fc.tuple(...[[...lead, n], [k, m], [k], [k, n]].map((shape) => tensors(shape))),
      r: fc.integer({ min: 0, max: k }),
      enhanced: fc.boolean(),
      probe: fc.nat(1000),
    }),
  );

test('the sparse form with any split r = 0…k is the textbook form on the whole: value and every gradient, to 1e-12', () => {
  fc.assert(
    fc.property(splits, ({ whole, r, enhanced, probe }) => {
      const [x, ut, sigma, vt] = whole;
      const cut = (rows: Tensor): [Tensor, Tensor] => [slice(rows, [[0, r]]), slice(rows, [[r]])];
      const sparse = { inputs: [x, ...cut(ut), sigma, ...cut(vt)], attrs: { enhanced } };
      const a = run(anyOp(spectralLinear), { inputs: whole, attrs: { enhanced } }, { probe });
      const b = run(anyOp(sparseSpectralLinear), sparse, { probe });
      assertClose(b.ys[0], a.ys[0], 1e-12, 'value');
      const [dx, duActive, duFrozen, dsigma, dvActive, dvFrozen] = b.gradients as Tensor[];
      const joined = [dx, concat([duActive, duFrozen]), dsigma, concat([dvActive, dvFrozen])];
      for (const [i, g] of joined.entries()) assertClose(g, a.gradients[i], 1e-12, `gradient ${i}`);
    }),
  );
});

test('the value does not depend on which gradient is asked for', () => {
  fc.assert(
    fc.property(splits, ({ whole: [x, ut, sigma, vt] }) => {
      const [a, b] = [true, false].map((enhanced) => spectralLinear(x, ut, sigma, vt, { enhanced }));
      assert.deepEqual([...a.data], [...b.data]);
    }),
  );
});

test('σ has one entry per vector, active and frozen together, or the sparse form refuses', () => {
  const z = (...shape: number[]): Tensor => zeros(shape);
  for (const k of [0, 2, 4])
    assertRefuses(
      () => sparseSpectralLinear(z(2, 5), z(1, 4), z(2, 4), z(k), z(1, 5), z(2, 5)),
      ShapeError,
      'sparseSpectralLinear',
      /sigma has one entry per vector/,
    );
});

test('operands that require no gradient get none: the frozen part costs nothing', () => {
  const [x, ua, uf, s, va, vf] = [[2, 5], [1, 4], [3, 4], [4], [1, 5], [3, 5]].map((shape) => leaf(zeros(shape)));
  for (const frozen of [uf, vf]) frozen.requiresGrad = false;
  const y = sparseSpectralLinear(x, ua, uf, s, va, vf);
  y.sum().backward();
  assert.deepEqual(
    [x, ua, uf, s, va, vf].map((t) => t.grad !== null),
    [true, true, false, true, true, false],
  );
});
