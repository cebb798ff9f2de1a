import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { triu } from '../../../../src/autograd/ops/triangle.ts';
import {
  add,
  cast,
  concat,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  square,
  sum,
  type Tensor,
  zeros,
} from '../../../../src/index.ts';
import { qr } from '../../../../src/linalg.ts';
import { anyTensors } from '../../../harness/arbitraries.ts';
import { assertClose, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import {
  anySizes,
  apart,
  batch,
  batches,
  calls,
  double,
  normal,
  orthonormal,
  rows,
  wanted,
  withValues,
} from './matrices.ts';

const regular = batches(anySizes, (m, n, rng) => {
  const k = Math.min(m, n);
  const square = withValues(m, k, apart(k, rng), rng);
  const rest = normal(m, n - k, rng);
  return Float64Array.from({ length: m * n }, (_, t) => {
    const [i, j] = [Math.floor(t / n), t % n];
    return j < k ? square[i * k + j] : rest[i * (n - k) + j - k];
  });
});

checkOp(qr, { inputs: calls(regular), tolerance: 2e-5 });

test('Q·R is A, Q orthonormal, R upper triangular with a diagonal >= 0: for every matrix, in batches too', () => {
  fc.assert(
    fc.property(anyTensors({ minRank: 2, minSize: 1 }), (a) => {
      const [q, r] = qr(a);
      assertClose(matmul(q, r), a, 1e-14, 'product');
      assertClose(matmul(q, q, { transA: true }), orthonormal(q), 1e-14, 'QᵀQ');
      assertClose(triu(r), r, 0, 'triangle');
      const [k, n] = r.shape.slice(-2);
      assert.ok(r.data.every((value, t) => Math.floor(t / n) % k !== t % n || value >= 0));
    }),
  );
});

test('by hand: 3-4-5', () => {
  const a = wanted(rows([3, 1], [4, 2]));
  const [q, r] = qr(a);
  assertClose(q, rows([0.6, -0.8], [0.8, 0.6]), 1e-15, 'Q');
  assertClose(r, rows([5, 2.2], [0, 0.4]), 1e-15, 'R');
  // R_00 is the length of the first column.
  assertClose(
    grad(r, [a], {
      gradOutputs: [rows([1, 0], [0, 0])],
    })[0],
    rows([0.6, 0], [0.8, 0]),
    1e-15,
    'R_00',
  );
});

test('Q alone, R alone and both: the gradient is the difference quotient, twice, in every shape', () => {
  const parts: ((a: Tensor) => Tensor)[] = [
    (a) => qr(a)[0],
    (a) => qr(a)[1],
    (a) =>
      concat(
        qr(a).map((x) => square(x)),
        { axis: a.shape[0] === a.shape[1] ? 0 : a.shape[0] < a.shape[1] ? 1 : 0 },
      ),
  ];
  for (const [m, n] of [
    [3, 3],
    [5, 2],
    [2, 5],
    [1, 3],
    [3, 1],
  ])
    for (const part of parts) {
      const a = batch([], m, n, (rng) => normal(m, n, rng), 4);
      a.requiresGrad = true;
      gradcheck(part, [a]);
      gradgradcheck(part, [a], { fast: true });
    }
});

test('dependent columns: values as always, gradients refused by name', () => {
  const through = (a: Tensor, part: number) => () => {
    const x = a.detach();
    x.requiresGrad = true;
    return grad(sum(qr(x)[part]), [x])[0];
  };
  const cases: [Tensor, RegExp][] = [
    [rows([1, 2], [2, 4], [3, 6]), /column 1/],
    [rows([0, 1], [0, 2]), /column 0/],
    [zeros([3, 3], { dtype: 'float64' }), /column 0/],
    [rows([1, 2, 3], [2, 4, 5]), /column 1/],
    [
      double([
        [
          [1, 0],
          [0, 1],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ]),
      /column 1/,
    ],
    [batch([], 6, 5, (rng) => withValues(6, 5, [3, 2, 1, 0.5], rng), 1), /column 4/],
    [
      cast(
        batch([], 6, 5, (rng) => withValues(6, 5, [3, 2, 1, 0.5], rng), 1),
        'float32',
      ),
      /column 4/,
    ],
  ];
  for (const [a, message] of cases)
    for (const part of [0, 1]) assertRefuses(through(a, part), GradError, 'qr', message);
  // Each column is judged beside its own length, and a wide matrix by its first columns.
  for (const a of [rows([1, 0], [0, 1e-200]), rows([1, 0, 1], [0, 1, 1]), rows([1e-300, 1], [1e-300, 2])])
    for (const part of [0, 1]) assert.ok(through(a, part)().data.every(Number.isFinite));
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
    const [q, r] = qr(a);
    const [lead, [m, n]] = [shape.slice(0, -2), shape.slice(-2)];
    assert.deepEqual(
      [q.shape, r.shape],
      [
        [...lead, m, Math.min(m, n)],
        [...lead, Math.min(m, n), n],
      ],
    );
    assert.deepEqual(grad(add(sum(q), sum(r)), [a])[0].shape, shape);
  }
});
