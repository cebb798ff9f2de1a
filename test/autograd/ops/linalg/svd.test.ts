import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  arange,
  cast,
  concat,
  DomainError,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  type Rng,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { cofactor, eigh, eigvalsh, pinv, svd, svdvals } from '../../../../src/linalg.ts';
import { thinSvd } from '../../../../src/tensor/linalg/svd.ts';
import { anyTensors } from '../../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import {
  anySizes,
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
  unambiguous,
  until,
  wanted,
  withValues,
} from './matrices.ts';

/** Values apart from each other and from zero, and signs that a small change does not turn. */
const regular = (m: number, n: number, rng: Rng): Entries =>
  until(
    () => withValues(m, n, apart(Math.min(m, n), rng), rng),
    (a) => unambiguous(thinSvd(a, m, n).vt, n),
  );

checkOp(svd, { inputs: calls(batches(anySizes, regular)), tolerance: 2e-5 });
checkOp(svdvals, { inputs: calls(batches(anySizes, regular)), tolerance: 2e-5 });

const product = ([u, s, vt]: readonly Tensor[]): Tensor =>
  matmul(mul(u, reshape(s, [...s.shape.slice(0, -1), 1, -1])), vt);

test('U·diag(s)·Vt is A, frames are orthonormal, values fall: for every matrix, in batches too', () => {
  fc.assert(
    fc.property(anyTensors({ minRank: 2, minSize: 1 }), (a) => {
      const parts = svd(a);
      const [u, s, vt] = parts;
      assertClose(product(parts), a, 1e-14, 'product');
      assertClose(matmul(u, u, { transA: true }), orthonormal(u), 1e-14, 'UᵀU');
      assertClose(matmul(vt, vt, { transB: true }), orthonormal(u), 1e-14, 'VᵀV');
      const k = s.shape[s.rank - 1];
      assert.ok(s.data.every((value, i) => value >= 0 && (i % k === 0 || value <= s.data[i - 1])));
      assertClose(svdvals(a), s, 1e-14, 'values alone');
    }),
  );
});

test('by hand: a diagonal, a rotation, and a column', () => {
  const [u, s, vt] = svd(rows([0, 2], [-3, 0]));
  assertHolds(s, [3, 2]);
  assertHolds(vt, rows([1, 0], [0, 1]).toArray());
  assertHolds(u, rows([0, 1], [-1, 0]).toArray());
  assertHolds(svdvals(rows([3], [4])), [5]);
  // Entry (0, 1) of U is how far u_1 turns: by (s_1·dA_01 + s_0·dA_10)/(s_1² − s_0²).
  const a = wanted(rows([2, 0], [0, 1]));
  const [left] = svd(a);
  const [da] = grad(left, [a], {
    gradOutputs: [rows([0, 1], [0, 0])],
  });
  assertClose(da, rows([0, -1 / 3], [-2 / 3, 0]), 1e-15, 'through U');
});

/** A combination of results that no sign changes. */
const invariant = (a: Tensor): Tensor => {
  const [u, s, vt] = svd(a);
  const weights = arange(1, 1 + s.shape[s.rank - 1], 1, { dtype: a.dtype });
  return concat(
    [square(u), matmul(mul(u, weights), vt), square(vt), product([u, square(s), vt])].map((x) => reshape(x, [-1])),
  );
};
const tight = { atol: 1e-6, rtol: 1e-6, eps: 1e-5 };

test('gauge-invariant losses: the gradient is the difference quotient, twice, in every shape', () => {
  for (const [m, n] of [
    [4, 4],
    [5, 3],
    [3, 5],
    [1, 4],
    [4, 1],
    [1, 1],
  ]) {
    const a = batch([2], m, n, (rng) => withValues(m, n, apart(Math.min(m, n), rng), rng), 5);
    a.requiresGrad = true;
    gradcheck(invariant, [a], tight);
    gradgradcheck(invariant, [a], { ...tight, fast: true });
  }
});

test('values repeat: the gradient through s is finite and right, through U or Vt and twice it is refused', () => {
  for (const a of [identity(3), rows([2, 0, 0], [0, 2, 0]), zeros([2, 2], { dtype: 'float64' })]) {
    a.requiresGrad = true;
    // Σ s² is |A|², whose gradient is 2·A whatever the values.
    for (const values of [svdvals(a), svd(a)[1]])
      assertClose(grad(sum(square(values)), [a])[0], mul(a, 2), 1e-15, 'Σs²');
    for (const part of [0, 2]) assertRefuses(() => grad(sum(svd(a)[part]), [a]), GradError, 'svd', /0 and 1 repeat/);
    const [once] = grad(sum(svdvals(a)), [a], { createGraph: true });
    assertRefuses(() => grad(sum(once), [a]), GradError, 'svd', /repeat/);
  }
});

test('values that are equal up to rounding repeat; the test is relative, per matrix, and knows float32', () => {
  const through = (a: Tensor) => () => {
    const x = a.detach();
    x.requiresGrad = true;
    return grad(sum(svd(x)[0]), [x])[0];
  };
  const gap = (size: number, by: number) => rows([size, 0], [0, size * (1 + by)]);
  for (const size of [1e-200, 1, 1e200]) {
    assertRefuses(through(gap(size, 4e-15)), GradError, 'svd', /repeat/);
    assert.ok(through(gap(size, 5e-15))().data.every(Number.isFinite));
  }
  const rotated = batch([], 6, 6, (rng) => withValues(6, 6, [3, 2, 2, 2, 1, 0.5], rng), 1);
  assertRefuses(through(rotated), GradError, 'svd', /1 and 2 repeat/);
  assertRefuses(through(cast(gap(1, 1e-6), 'float32')), GradError, 'svd', /repeat/);
  assert.ok(through(cast(gap(1, 1e-5), 'float32'))().data.every(Number.isFinite));
  const mixed = double([
    [
      [3, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ]);
  assertRefuses(through(mixed), GradError, 'svd', /repeat/);
});

test('a zero value: refused where a frame leaves room for it to turn, right elsewhere', () => {
  const projectors = (part: 0 | 2) => (a: Tensor) => {
    const x = svd(a)[part];
    return part === 0 ? square(x) : square(transpose(x));
  };
  const make = (m: number, n: number) => {
    const a = batch([], m, n, (rng) => withValues(m, n, [3, 1.5, 0.7].slice(0, Math.min(m, n) - 1), rng), 8);
    a.requiresGrad = true;
    return a;
  };
  const [tall, wide, even] = [make(4, 3), make(3, 4), make(3, 3)];
  assertRefuses(() => grad(sum(svd(tall)[0]), [tall]), GradError, 'svd', /value 2 is zero/);
  assertRefuses(() => grad(sum(svd(wide)[2]), [wide]), GradError, 'svd', /value 2 is zero/);
  gradcheck(projectors(2), [tall], tight);
  gradcheck(projectors(0), [wide], tight);
  for (const part of [0, 2] as const) gradcheck(projectors(part), [even], tight);
});

test('the gradient of a gauge-invariant loss is what another route to the same number gives', () => {
  // A = U·S·Vt, so that any loss of the product is one of A.
  fc.assert(
    fc.property(
      batches(anySizes, (m, n, rng) => withValues(m, n, apart(Math.min(m, n), rng), rng)),
      (a) => {
        const x = a.detach();
        x.requiresGrad = true;
        const target = add(x.detach(), 1);
        const loss = (y: Tensor): Tensor => sum(square(sub(y, target)));
        const direct = grad(loss(x), [x])[0];
        assertClose(grad(loss(product(svd(x))), [x])[0], direct, 1e-12, 'through the product');
      },
    ),
    { numRuns: 40 },
  );
});

test('empty matrices, and batches of none', () => {
  for (const shape of [
    [0, 0],
    [0, 3],
    [3, 0],
    [0, 2, 3],
    [2, 0, 3],
    [2, 3, 0],
  ]) {
    const a = zeros(shape, { dtype: 'float64', requiresGrad: true });
    const [u, s, vt] = svd(a);
    const [lead, [m, n]] = [shape.slice(0, -2), shape.slice(-2)];
    const k = Math.min(m, n);
    assert.deepEqual(
      [u.shape, s.shape, vt.shape],
      [
        [...lead, m, k],
        [...lead, k],
        [...lead, k, n],
      ],
    );
    assert.deepEqual(svdvals(a).shape, [...lead, k]);
    for (const y of [u, s, vt])
      assertClose(grad(sum(y), [a], { retainGraph: true })[0], zeros(shape, { dtype: 'float64' }), 0, 'gradient');
  }
});

test('float32 is computed in float64: values keep seven digits where squares would keep three', () => {
  const a = batch([], 8, 8, (rng) => withValues(8, 8, [1, 0.5, 0.2, 0.1, 1e-2, 1e-3, 1e-4, 1e-5], rng), 2);
  const single = cast(a, 'float32');
  assertClose(svdvals(single), cast(svdvals(cast(single, 'float64')), 'float32'), 1e-12, 'values');
  assert.equal(svd(single)[0].dtype, 'float32');
  const wide = batch([3], 20, 40, (rng) => normal(20, 40, rng), 3);
  assertClose(product(svd(wide)), wide, 1e-13, 'a larger one');
});

test('refusals name the op that was called, and the matrix', () => {
  const bad = double([[[1, 0]], [[NaN, 0]]]);
  assertRefuses(() => svd(bad), DomainError, 'svd', /entry \(0, 0\) of matrix 1 is NaN/);
  assertRefuses(() => svdvals(bad), DomainError, 'svdvals', /entry \(0, 0\) of matrix 1 is NaN/);
  const huge = rows([1.7e308, 1.7e308], [1.7e308, 1.7e308]);
  for (const [name, fn] of Object.entries({ svd, svdvals, pinv, cofactor, eigh, eigvalsh }))
    assertRefuses(() => fn(huge), DomainError, name, /exceeds float64/);
});
