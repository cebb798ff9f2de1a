/** Attention by hand: masks, edges, dropout. Its laws: attention.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaledDotProductAttention } from '../../../src/autograd/ops/attention.ts';
import { grad, meta, ones, Rng, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { assertClose, assertHolds, assertSame } from '../../harness/compare.ts';

const double = (x: number[][]) => tensor(x, { dtype: 'float64' });
const values = double([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const none = zeros([3, 1], { dtype: 'float64' });

test('equal scores give the mean of the values that may be seen', () => {
  assertHolds(scaledDotProductAttention(none, none, values), [
    [3, 4],
    [3, 4],
    [3, 4],
  ]);
  assertHolds(scaledDotProductAttention(none, none, values, { causal: true }), [
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
  const hint = tensor([[0, Math.log(3), -Infinity]], { dtype: 'float64' });
  assertClose(
    scaledDotProductAttention(none, none, values, { mask: hint }),
    double([
      [2.5, 3.5],
      [2.5, 3.5],
      [2.5, 3.5],
    ]),
    1e-15,
    'additive',
  );
});

test('a query that sees nothing gets zeros, and sends no gradient, in both kinds of pass', () => {
  const masks = [
    tensor([
      [true, true, true],
      [false, false, false],
      [false, true, false],
    ]),
    tensor(
      [
        [0, 0, 0],
        [-Infinity, -Infinity, -Infinity],
        [-Infinity, 0, -Infinity],
      ],
      { dtype: 'float64', requiresGrad: true },
    ),
  ];
  for (const m of masks)
    for (const createGraph of [false, true]) {
      const q = tensor([[1], [2], [3]], { dtype: 'float64', requiresGrad: true });
      const y = scaledDotProductAttention(q, q, values, { mask: m });
      assertHolds(sum(y, { axis: -1 }), [sum(y, { axis: -1 }).data[0], 0, 7]);
      for (const g of grad(sum(y), m.requiresGrad ? [q, m] : [q], { createGraph }))
        assert.ok(g.data.every(Number.isFinite) && !Number.isNaN(y.data[0]), `${g}`);
    }
});

test('huge scores neither overflow nor give NaN; a hidden key may hold anything, one that is seen tells', () => {
  const q = double([[1e160]]);
  const two = double([[1], [2]]);
  assertHolds(scaledDotProductAttention(q, double([[1e100], [-1e100]]), two), [[1]]);
  const one = double([[1]]);
  const k = double([[1], [Number.NaN]]);
  for (const mask of [tensor([true, false]), tensor([0, -Infinity], { dtype: 'float64' })])
    assertHolds(scaledDotProductAttention(one, k, two, { mask }), [[1]]);
  assertHolds(scaledDotProductAttention(one, k, two, { causal: true }), [[1]]);
  assertHolds(scaledDotProductAttention(one, k, two), [[Number.NaN]]);
  assertHolds(scaledDotProductAttention(one, double([[Number.NaN]]), one), [[Number.NaN]]);
});

test('no keys: zeros; no queries, or no features, are empty or even', () => {
  assertHolds(scaledDotProductAttention(zeros([2, 1]), zeros([0, 1]), zeros([0, 3])), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
  assert.deepEqual(scaledDotProductAttention(zeros([0, 1]), zeros([3, 1]), ones([3, 2])).shape, [0, 2]);
  assertHolds(scaledDotProductAttention(zeros([1, 0]), zeros([2, 0]), ones([2, 1])), [[1]]);
  const shadow = zeros([2, 4, 3], { device: meta });
  assert.deepEqual(scaledDotProductAttention(shadow, shadow, shadow, { causal: true }).shape, [2, 4, 3]);
});

test('dropout: the same rows fall in both passes, with chance p, and the seed comes from the stream', () => {
  const [t, s] = [40, 50];
  const eye = tensor(
    Array.from({ length: s * s }, (_, i) => (i % (s + 1) === 0 ? 1 : 0)),
    { shape: [s, s], dtype: 'float64' },
  );
  const [q, k] = [zeros([t, 1], { dtype: 'float64' }), zeros([s, 1], { dtype: 'float64' })];
  const weights = (seed: number): Tensor =>
    scaledDotProductAttention(q, k, eye, { dropout: { p: 0.25, rng: new Rng(seed) } });
  const w = weights(1);
  const dropped = w.data.filter((v) => v === 0).length / w.size;
  assert.ok(Math.abs(dropped - 0.25) < 4 * Math.sqrt((0.25 * 0.75) / w.size), `${dropped}`);
  assert.ok(w.data.every((v) => v === 0 || Math.abs(v - 1 / (0.75 * s)) < 1e-15));
  assertSame(weights(1), w, 'same seed');
  assert.notDeepEqual([...weights(2).data], [...w.data]);
  const rows = new Set(Array.from({ length: t }, (_, i) => w.data.slice(i * s, (i + 1) * s).join()));
  assert.equal(rows.size, t);
  assertHolds(
    scaledDotProductAttention(zeros([1, 1]), zeros([2, 1]), ones([2, 1]), { dropout: { p: 1, rng: new Rng(0) } }),
    [[0]],
  );
});
