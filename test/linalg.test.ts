/** svd and svdvals as ops: what they give, and the gradient that passes through the singular values. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, eye, grad, gradcheck, matmul, mul, ShapeError, sum, type Tensor, tensor } from '../src/index.ts';
import { svd, svdvals } from '../src/linalg.ts';
import { onGrid, tensors } from './harness/arbitraries.ts';
import { type Case, leaf } from './harness/cases.ts';
import { assertClose } from './harness/compare.ts';

/** Matrices whose singular values are far apart and far from 0: their dominant diagonal is i + 1, everything else small. */
const separated: fc.Arbitrary<Case<undefined>> = fc
  .record({ m: fc.integer({ min: 1, max: 5 }), n: fc.integer({ min: 1, max: 5 }) })
  .chain(({ m, n }) =>
    onGrid(m * n).map((noise) => matrix(m, n, (i, j) => (i === j ? i + 1 : 0) + noise[i * n + j] / 32)),
  )
  .map((a) => ({ inputs: [a], attrs: undefined }));

function matrix(m: number, n: number, entry: (i: number, j: number) => number): Tensor {
  const values = Float64Array.from({ length: m * n }, (_, at) => entry(Math.floor(at / n), at % n));
  return tensor(values, { shape: [m, n] });
}

const any = fc
  .record({ m: fc.integer({ min: 0, max: 6 }), n: fc.integer({ min: 0, max: 6 }) })
  .chain(({ m, n }) => tensors([m, n]));

describe('svd', () => {
  test('A [m, n] becomes U [m, k], s [k], Vt [k, n]; U·diag(s)·Vt is A; columns of U and rows of Vt are orthonormal; s falls', () => {
    fc.assert(
      fc.property(any, (a) => {
        const [m, n] = a.shape;
        const k = Math.min(m, n);
        const [u, s, vt] = svd(a);
        assert.deepEqual([u.shape, s.shape, vt.shape], [[m, k], [k], [k, n]]);
        assertClose(matmul(mul(u, s), vt), a, 1e-13, 'reconstruction');
        const identity = eye(k, k, { dtype: 'float64' });
        assertClose(matmul(u, u, { transA: true }), identity, 1e-13, 'UᵀU');
        assertClose(matmul(vt, vt, { transB: true }), identity, 1e-13, 'VtVtᵀ');
        assert.ok(
          s.data.every((v, i) => v >= 0 && (i === 0 || v <= s.data[i - 1])),
          'the values fall and are >= 0',
        );
        assertClose(svdvals(a), s, 1e-13, 'svdvals');
      }),
    );
  });

  test('the gradient of s is u_i·v_iᵀ, the same through both ops, along any direction', () => {
    fc.assert(
      fc.property(separated, fc.integer({ min: 1, max: 9 }), ({ inputs: [a] }, step) => {
        const x = leaf(a);
        const [u, s, vt] = svd(x);
        const w = tensor(
          Array.from({ length: s.size }, (_, i) => (i * step) % 7),
          { dtype: 'float64' },
        );
        const expected = matmul(mul(u.detach(), w), vt.detach());
        const [through] = grad(s, [x], { gradOutputs: [w] });
        const [values] = grad(svdvals(x), [x], { gradOutputs: [w] });
        assertClose(through, expected, 1e-13, 'svd');
        assertClose(values, expected, 1e-13, 'svdvals');
      }),
    );
  });
});

describe('svdvals', () => {
  test('where values repeat or vanish its gradient is finite, of rank k, and of unit size along each', () => {
    for (const a of [
      eye(3, 3, { dtype: 'float64' }),
      eye(2, 5, { dtype: 'float64' }),
      matrix(3, 2, () => 0),
      matrix(3, 3, () => 1),
    ]) {
      const x = leaf(a);
      const [dx] = grad(svdvals(x).sum(), [x]);
      assert.ok(dx.data.every(Number.isFinite), 'finite');
      assertClose(
        svdvals(dx),
        matrix(1, Math.min(...a.shape), () => 1).rawView([Math.min(...a.shape)]),
        1e-13,
        'values of dA',
      );
    }
  });

  test('sums of all values, the nuclear norm, pass gradcheck where some are equal but none is 0', () => {
    const rotated = matmul(
      matrix(2, 2, (i, j) => [3, -4, 4, 3][2 * i + j] / 5),
      matrix(2, 3, (i, j) => (i === j ? 2 : 0)),
    );
    gradcheck((x) => sum(svdvals(x)), [leaf(rotated)], { rtol: 1e-6, atol: 1e-8 });
  });

  test('‖A‖² is Σs²: the gradient is 2A', () => {
    fc.assert(
      fc.property(any, (a) => {
        const x = leaf(a);
        const [dx] = grad(svdvals(x).square().sum(), [x]);
        assertClose(dx, a.mul(2), 1e-12, '2A');
      }),
    );
  });
});

test('what is not a finite matrix is refused by both', () => {
  for (const op of [svd, svdvals]) {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(
        () =>
          op(
            tensor([
              [1, bad],
              [0, 1],
            ]),
          ),
        DomainError,
      );
    for (const shape of [[3], []])
      assert.throws(() => op(tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape })), ShapeError);
  }
});
