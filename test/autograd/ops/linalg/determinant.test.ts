import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  exp,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  type Rng,
  reshape,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { cofactor, det, inv, slogdet } from '../../../../src/linalg.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import {
  apart,
  batch,
  batches,
  calls,
  double,
  type Entries,
  normal,
  rows,
  squares,
  wanted,
  withValues,
} from './matrices.ts';

const regular = (_: number, n: number, rng: Rng): Entries => withValues(n, n, apart(n, rng), rng);

/** Of rank 0 to n. */
const anyRank = (_: number, n: number, rng: Rng): Entries => withValues(n, n, apart(rng.below(n + 1), rng), rng);

checkOp(det, { inputs: calls(batches(squares, anyRank)), tolerance: 2e-5 });
checkOp(cofactor, { inputs: calls(batches(squares, anyRank)), tolerance: 2e-5 });
checkOp(slogdet, { inputs: calls(batches(squares, regular)), tolerance: 2e-5 });

test('det of a product, of a transpose, of a 2×2 and of nothing', () => {
  fc.assert(
    fc.property(batches(squares, normal), fc.integer({ min: 0, max: 99 }), (a, seed) => {
      const b = batch(
        a.shape.slice(0, -2),
        a.shape[a.rank - 1],
        a.shape[a.rank - 1],
        (rng) => normal(a.shape[a.rank - 1], a.shape[a.rank - 1], rng),
        seed,
      );
      assertClose(det(matmul(a, b)), mul(det(a), det(b)), 1e-12, 'product');
      assertClose(det(transpose(a)), det(a), 1e-12, 'transpose');
    }),
  );
  assertHolds(det(rows([1, 2], [3, 4])), -2);
  assertHolds(det(rows([0, 1], [1, 0])), -1);
  assertHolds(det(rows([7])), 7);
  assertHolds(det(zeros([0, 0])), 1);
  assertHolds(det(zeros([2, 0, 0])), [1, 1]);
  assertHolds(det(zeros([0, 2, 2])), []);
});

test('cofactors: by hand, A·cofactor(A)ᵀ = det A·I, det A·A⁻ᵀ where there is an inverse', () => {
  assertClose(cofactor(rows([1, 2], [3, 4])), rows([4, -3], [-2, 1]), 1e-14, '2×2');
  assertHolds(cofactor(rows([5])), [[1]]);
  assertHolds(cofactor(rows([0])), [[1]]);
  fc.assert(
    fc.property(batches(squares, anyRank), (a) => {
      const n = a.shape[a.rank - 1];
      const product = matmul(a, cofactor(a), { transB: true });
      const scaled = mul(
        reshape(det(a), [...a.shape.slice(0, -2), 1, 1]),
        double(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_zero, j) => Number(i === j)))),
      );
      assertClose(product, scaled, 1e-12, 'A·adj A');
    }),
  );
  const a = batch([2], 5, 5, (rng) => regular(5, 5, rng), 3);
  assertClose(cofactor(a), mul(reshape(det(a), [2, 1, 1]), transpose(inv(a))), 1e-12, 'inverse');
});

test('det: gradients of both orders at every rank, against the difference quotient', () => {
  for (const n of [1, 2, 3, 5])
    for (let rank = 0; rank <= n; rank++) {
      const a = batch([], n, n, (rng) => withValues(n, n, apart(rank, rng), rng), 2);
      a.requiresGrad = true;
      gradcheck((x) => det(x), [a]);
      gradgradcheck((x) => det(x), [a], { fast: true });
      const [da] = grad(det(a), [a]);
      if (rank < n - 1) assertClose(da, zeros([n, n], { dtype: 'float64' }), 1e-12, `rank ${rank} of ${n}`);
      if (rank === n - 1) assert.ok(sum(mul(da, da)).item() > 1e-3, `rank ${rank} of ${n}`);
    }
});

test('det: a third derivative is refused', () => {
  const a = wanted(rows([1, 2], [3, 4]));
  const [first] = grad(det(a), [a], { createGraph: true });
  assertRefuses(() => grad(sum(first), [a], { createGraph: true }), GradError, 'cofactor', /no second derivative/);
});

test('slogdet: sign·e^log is det; neither overflows; a singular matrix gives 0 and −∞', () => {
  fc.assert(
    fc.property(batches(squares, normal), (a) => {
      const [sign, log] = slogdet(a);
      assertClose(mul(sign, exp(log)), det(a), 1e-12, 'det');
    }),
  );
  assertHolds(slogdet(rows([1, 2], [2, 4]))[0], 0);
  assertHolds(slogdet(rows([1, 2], [2, 4]))[1], -Infinity);
  assertHolds(slogdet(zeros([0, 0]))[1], 0);
  const huge = batch([], 300, 300, (rng) => normal(300, 300, rng), 1);
  assert.ok(Number.isFinite(slogdet(huge)[1].item()));
  assert.ok(Math.abs(slogdet(mul(huge, 1e10))[1].item() - slogdet(huge)[1].item() - 3000 * Math.LN10) < 1e-9);
});

test('slogdet: the gradient is A⁻ᵀ; there is none through the sign, or at a singular matrix', () => {
  const a = batch([2], 3, 3, (rng) => regular(3, 3, rng), 7);
  a.requiresGrad = true;
  assertClose(grad(sum(slogdet(a)[1]), [a])[0], transpose(inv(a.detach())), 1e-13, 'A⁻ᵀ');
  const [sign] = slogdet(a);
  assert.deepEqual(grad(sum(sign), [a], { allowUnused: true }), [null]);
  const singular: Tensor = double(
    [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
    true,
  );
  assertRefuses(() => grad(sum(slogdet(singular)[1]), [singular]), GradError, 'slogdet', /singular/);
});
