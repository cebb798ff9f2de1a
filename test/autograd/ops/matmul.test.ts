import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { signatureOf } from '../../../src/autograd/define.ts';
import {
  arange,
  eye,
  grad,
  matmul,
  ones,
  reshape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '../../../src/index.ts';
import { onGrid } from '../../harness/arbitraries.ts';
import { operandsFor } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { plainly } from '../../harness/definition.ts';
import { anyOp } from '../../harness/gradients.ts';
import { broadcastAt, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

const layouts = [{}, { transA: true }, { transB: true }, { transA: true, transB: true }] as const;
checkOp(matmul, { attrs: layouts, wider: true });

/** Σ_k A[…, i, k]·B[…, k, j], element by element. */
function naive(a: Tensor, b: Tensor, shape: readonly number[], transA: boolean, transB: boolean): number[] {
  const k = a.shape[a.rank - (transA ? 2 : 1)];
  return valuesOf(shape, (index) => {
    const lead = index.slice(0, -2);
    const [i, j] = index.slice(-2);
    let total = 0;
    for (let t = 0; t < k; t++)
      total +=
        broadcastAt(a, [...lead, ...(transA ? [t, i] : [i, t])]) *
        broadcastAt(b, [...lead, ...(transB ? [j, t] : [t, j])]);
    return total;
  });
}

for (const attrs of layouts)
  test(`matmul ${JSON.stringify(attrs)} is the triple loop, over broadcast leading axes`, () => {
    const signature = signatureOf(anyOp(matmul).record, attrs);
    fc.assert(
      fc.property(operandsFor(signature, onGrid, { min: 0, max: 6 }), ([a, b]) => {
        const { transA = false, transB = false } = attrs as { transA?: boolean; transB?: boolean };
        const y = matmul(a, b, attrs);
        assert.deepEqual([...y.data], naive(a, b, y.shape, transA, transB));
      }),
    );
  });

test('a flag is the transpose of the operand', () => {
  const a = reshape(arange(20), [4, 5]);
  const b = reshape(arange(30), [5, 6]);
  const plain = matmul(a, b);
  assertClose(matmul(transpose(a), b, { transA: true }), plain, 0, 'transA');
  assertClose(matmul(a, transpose(b), { transB: true }), plain, 0, 'transB');
  assertClose(matmul(transpose(a), transpose(b), { transA: true, transB: true }), plain, 0, 'both');
  assertClose(matmul(a, eye(5)), a, 0, 'identity');
});

test('sizes around the tile of four agree with the triple loop', () => {
  for (const m of [1, 3, 4, 5, 8, 9])
    for (const n of [1, 4, 7]) {
      const a = reshape(arange(0, m * 5, 1, { dtype: 'float64' }), [m, 5]);
      const b = reshape(arange(0, 5 * n, 1, { dtype: 'float64' }), [5, n]);
      assert.deepEqual([...matmul(a, b).data], naive(a, b, [m, n], false, false));
    }
});

test('an infinite or NaN entry reaches its own row and column only', () => {
  const a = zeros([6, 2]).assign_(
    tensor([
      [1, 1],
      [Infinity, 0],
      [1, 1],
      [1, 1],
      [1, 1],
      [Number.NaN, 1],
    ]),
  );
  const y = matmul(
    a,
    tensor([
      [1, 1],
      [2, 2],
    ]),
  );
  assertHolds(
    y,
    [3, Infinity, 3, 3, 3, Number.NaN].map((v) => [v, v]),
  );
});

test('by definition float32 products are summed in float64 and rounded once', () => {
  const n = 1001;
  const a = tensor(
    Array.from({ length: n }, (_, i) => (i === 0 ? 2 ** 24 : 1)),
    { shape: [1, n] },
  );
  assert.equal(
    plainly(() => matmul(a, ones([n, 1])).item()),
    2 ** 24 + 1000,
  );
});

test('no axis to sum over gives zeros', () => {
  assertHolds(matmul(zeros([2, 0]), zeros([0, 3])), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('gradients by hand: dA = dC·Bᵀ, dB = Aᵀ·dC', () => {
  const a = tensor([[1, 2]], { requiresGrad: true });
  const b = tensor(
    [
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  const [da, db] = grad(sum(matmul(a, b)), [a, b]);
  assertHolds(da, [[7, 11]]);
  assertHolds(db, [
    [1, 1],
    [2, 2],
  ]);
});

test('the error names the axis, both sizes, the signature and the shapes', () => {
  assertRefuses(
    () => matmul(zeros([2, 3]), zeros([4, 5])),
    ShapeError,
    'matmul',
    /^matmul: axis 'k' is 3 and 4 in \(…~ m k, …~ k n -> …~ m n\), got \[2,3\] · \[4,5\]$/,
  );
});
