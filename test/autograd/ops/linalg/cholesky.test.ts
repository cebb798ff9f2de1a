import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diagonal, tril } from '../../../../src/autograd/ops/triangle.ts';
import {
  add,
  cast,
  DomainError,
  grad,
  gradcheck,
  gradgradcheck,
  log,
  matmul,
  mul,
  type Rng,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { cholesky, inv } from '../../../../src/linalg.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import {
  apart,
  batch,
  batches,
  calls,
  double,
  type Entries,
  identity,
  normal,
  rows,
  squares,
  symmetric,
  wanted,
} from './matrices.ts';

const positive = (_: number, n: number, rng: Rng): Entries => symmetric(apart(n, rng), rng);

checkOp(cholesky, {
  inputs: calls(batches(squares, positive), [{}, { upper: true }, { upper: false }]),
  tolerance: 2e-5,
});

test('L·Lᵀ = A, L lower triangular with a positive diagonal; the upper factor is its transpose', () => {
  fc.assert(
    fc.property(batches(squares, positive), (a) => {
      const l = cholesky(a);
      assertClose(matmul(l, l, { transB: true }), a, 1e-14, 'product');
      assertClose(tril(l), l, 0, 'triangle');
      assert.ok(diagonal(l, { axes: [-2, -1] }).data.every((value) => value > 0));
      assertClose(cholesky(a, { upper: true }), transpose(l), 0, 'upper');
    }),
  );
});

test('by hand', () => {
  const a = wanted(rows([4, 2], [2, 10]));
  const l = cholesky(a);
  assertHolds(l, rows([2, 0], [1, 3]).toArray());
  // L_11 = √(A_11 − A_01²/A_00); what arrives above the diagonal of L counts for nothing.
  const [da] = grad(l, [a], {
    gradOutputs: [rows([0, 7], [0, 1])],
  });
  assertClose(da, rows([1 / 24, -1 / 12], [-1 / 12, 1 / 6]), 1e-15, 'L_11');
});

test('log det A = 2·Σ log L_ii has the gradient A⁻¹, symmetric', () => {
  fc.assert(
    fc.property(batches(squares, positive), (x) => {
      const a = x.detach();
      a.requiresGrad = true;
      const logDet = mul(sum(log(diagonal(cholesky(a), { axes: [-2, -1] }))), 2);
      assertClose(grad(logDet, [a])[0], inv(a.detach()), 1e-12, 'A⁻¹');
    }),
  );
});

test('an A that is not symmetric counts as its symmetric part, in value and gradient', () => {
  const x = add(
    batch([], 3, 3, (rng) => positive(3, 3, rng), 2),
    rows([0, 0.1, -0.2], [0, 0, 0.3], [0, 0, 0]),
  );
  const even = mul(add(x, transpose(x)), 0.5);
  assertClose(cholesky(x), cholesky(even), 1e-15, 'value');
  x.requiresGrad = true;
  gradcheck((a) => cholesky(a), [x]);
  gradgradcheck((a) => cholesky(a), [x], { fast: true });
  assertClose(cholesky(transpose(x)), cholesky(x), 0, 'of the transpose');
});

test('a matrix that is not positive definite is refused, naming the leading minor and the matrix', () => {
  assertRefuses(() => cholesky(rows([-1])), DomainError, 'cholesky', /minor of order 1 is not positive, got \[1,1\]/);
  assertRefuses(() => cholesky(rows([1, 2], [2, 1])), DomainError, 'cholesky', /order 2/);
  assertRefuses(() => cholesky(zeros([3, 3])), DomainError, 'cholesky', /order 1/);
  assertRefuses(() => cholesky(rows([1, 1], [1, 1])), DomainError, 'cholesky', /order 2/);
  const mixed = double([
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [0, -1],
    ],
  ]);
  assertRefuses(() => cholesky(mixed), DomainError, 'cholesky', /matrix 1 of the batch.*order 2/);
});

test('large, graded, float32 and empty', () => {
  const a = batch(
    [],
    60,
    60,
    (rng) => {
      const x = normal(60, 60, rng);
      return Float64Array.from({ length: 3600 }, (_, t) => {
        let total = t % 61 === 0 ? 1 : 0;
        for (let l = 0; l < 60; l++) total += x[Math.floor(t / 60) * 60 + l] * x[(t % 60) * 60 + l];
        return total;
      });
    },
    1,
  );
  const l = cholesky(a);
  assertClose(matmul(l, l, { transB: true }), a, 1e-14, 'large');
  assertHolds(cholesky(rows([1e300, 0], [0, 1e-300])), rows([1e150, 0], [0, 1e-150]).toArray());
  assertHolds(cholesky(rows([2 ** -1074])), [[2 ** -537]]);
  assert.equal(cholesky(cast(identity(2), 'float32')).dtype, 'float32');
  for (const shape of [
    [0, 0],
    [0, 2, 2],
    [2, 0, 0],
  ]) {
    const empty: Tensor = zeros(shape, { dtype: 'float64', requiresGrad: true });
    assert.deepEqual(cholesky(empty).shape, shape);
    assert.deepEqual(grad(sum(cholesky(empty)), [empty])[0].shape, shape);
  }
});
