import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  arange,
  cast,
  concat,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  type Rng,
  reshape,
  square,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { eigh, eigvalsh } from '../../../../src/linalg.ts';
import { symmetricEigen } from '../../../../src/tensor/linalg/eigh.ts';
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
  orthonormal,
  rows,
  squares,
  symmetric,
  unambiguous,
  until,
  wanted,
} from './matrices.ts';

/** Eigenvalues of both signs apart from each other, and signs of vectors that a small change does not turn. */
const regular = (_: number, n: number, rng: Rng): Entries =>
  until(
    () => symmetric(apart(n, rng, 0.5, -1), rng),
    (a) => unambiguous(symmetricEigen('eigh', a, n, true).vt ?? a, n),
  );

checkOp(eigh, { inputs: calls(batches(squares, regular)), tolerance: 2e-5 });
checkOp(eigvalsh, { inputs: calls(batches(squares, regular)), tolerance: 2e-5 });

const product = ([values, v]: readonly Tensor[]): Tensor =>
  matmul(mul(v, reshape(values, [...values.shape.slice(0, -1), 1, -1])), v, { transB: true });

test('V·diag(λ)·Vᵀ is the symmetric part of A, V is orthonormal, λ rises', () => {
  fc.assert(
    fc.property(
      batches(squares, (m, n, rng) => normal(m, n, rng)),
      (a) => {
        const [values, v] = eigh(a);
        assertClose(product([values, v]), mul(add(a, transpose(a)), 0.5), 1e-14, 'product');
        assertClose(matmul(v, v, { transA: true }), orthonormal(v), 1e-14, 'VᵀV');
        const n = values.shape[values.rank - 1];
        assert.ok(values.data.every((value, i) => i % n === 0 || value >= values.data[i - 1]));
        assertClose(eigvalsh(a), values, 0, 'values alone');
      },
    ),
  );
});

test('by hand: values, vectors and gradients of 2×2 matrices', () => {
  const half = Math.SQRT1_2;
  const [values, v] = eigh(rows([2, 1], [1, 2]));
  assertClose(values, double([1, 3]), 1e-15, 'values');
  assertClose(mul(v, 1 / half), rows([1, 1], [-1, 1]), 1e-15, 'vectors');
  const a = wanted(rows([1, 0], [0, 3]));
  // Entry (0, 1) of V is how far v_1 turns: by the mean of A_01 and A_10, over λ_1 − λ_0.
  const [da] = grad(eigh(a)[1], [a], {
    gradOutputs: [rows([0, 1], [0, 0])],
  });
  assertClose(da, rows([0, 0.25], [0.25, 0]), 1e-15, 'through V');
  const [top] = grad(eigvalsh(a), [a], { gradOutputs: [double([0, 1])] });
  assertHolds(top, rows([0, 0], [0, 1]).toArray());
});

const invariant = (a: Tensor): Tensor => {
  const [values, v] = eigh(a);
  const weights = arange(1, 1 + values.shape[values.rank - 1], 1, { dtype: a.dtype });
  return concat([square(v), matmul(mul(v, weights), v, { transB: true }), values].map((x) => reshape(x, [-1])));
};

test('gauge-invariant losses: the gradient is symmetric and the difference quotient, twice', () => {
  const tight = { atol: 1e-6, rtol: 1e-6, eps: 1e-5 };
  for (const n of [1, 2, 3, 5]) {
    const a = batch([2], n, n, (rng) => symmetric(apart(n, rng, 0.5, -1), rng), 4);
    a.requiresGrad = true;
    gradcheck(invariant, [a], tight);
    gradgradcheck(invariant, [a], { ...tight, fast: true });
    const [da] = grad(sum(invariant(a)), [a]);
    assertClose(da, transpose(da), 1e-12, 'symmetric');
  }
});

test('values repeat: the gradient through λ is finite and right, through V and twice it is refused', () => {
  for (const a of [identity(3), zeros([2, 2], { dtype: 'float64' }), rows([1, 1, 1], [1, 1, 1], [1, 1, 1])]) {
    a.requiresGrad = true;
    // Σ λ² is |A|² for a symmetric A.
    for (const values of [eigvalsh(a), eigh(a)[0]])
      assertClose(grad(sum(square(values)), [a])[0], mul(a, 2), 1e-14, 'Σλ²');
    assertRefuses(() => grad(sum(eigh(a)[1]), [a]), GradError, 'eigh', /0 and 1 repeat/);
    const [once] = grad(sum(square(eigvalsh(a))), [a], { createGraph: true });
    assertRefuses(() => grad(sum(once), [a]), GradError, 'eigh', /repeat/);
  }
});

test('values that are equal up to rounding repeat, whatever the scale and the sign', () => {
  const through = (a: Tensor) => () => {
    const x = a.detach();
    x.requiresGrad = true;
    return grad(sum(eigh(x)[1]), [x])[0];
  };
  const gap = (size: number, by: number) => rows([size, 0], [0, size * (1 + by)]);
  for (const size of [1e-200, -1e-200, 1, -1, 1e200]) {
    assertRefuses(through(gap(size, 4e-15)), GradError, 'eigh', /repeat/);
    assert.ok(through(gap(size, 5e-15))().data.every(Number.isFinite));
  }
  assert.ok(through(rows([1, 0], [0, -1]))().data.every(Number.isFinite), 'opposite values do not repeat');
  const rotated = batch([2], 5, 5, (rng) => symmetric([3, -1, 2, 2, -2], rng), 1);
  assertRefuses(through(rotated), GradError, 'eigh', /3 and 4 repeat|2 and 3 repeat/);
  assertRefuses(through(cast(gap(1, 1e-6), 'float32')), GradError, 'eigh', /repeat/);
});

test('empty matrices, and batches of none', () => {
  for (const shape of [
    [0, 0],
    [2, 0, 0],
    [0, 3, 3],
  ]) {
    const a = zeros(shape, { dtype: 'float64', requiresGrad: true });
    const [values, v] = eigh(a);
    assert.deepEqual([values.shape, v.shape], [shape.slice(0, -1), shape]);
    assert.deepEqual(eigvalsh(a).shape, shape.slice(0, -1));
    assert.deepEqual(grad(add(sum(values), sum(v)), [a])[0].shape, shape);
  }
});
