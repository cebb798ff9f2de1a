/** The truncated singular value decomposition: what it gives, and how near it comes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, eye, matmul, mul, Rng, ShapeError, sub, type Tensor, tensor } from '../../../../src/index.ts';
import { svd, svdvals, truncatedSvd } from '../../../../src/linalg.ts';
import { leaf } from '../../../harness/cases.ts';
import { assertClose } from '../../../harness/compare.ts';

function matrix(m: number, n: number, entry: (i: number, j: number) => number): Tensor {
  const values = Float64Array.from({ length: m * n }, (_, at) => entry(Math.floor(at / n), at % n));
  return tensor(values, { shape: [m, n] });
}

describe('truncatedSvd', () => {
  /** Q1·diag(values)·Q2 with random orthogonal factors. */
  function spectral(m: number, n: number, values: (i: number) => number, seed: number): Tensor {
    const rng = new Rng(seed);
    const [u, s, vt] = svd(matrix(m, n, () => rng.normal()));
    return matmul(
      mul(
        u,
        tensor(
          Array.from(s.data, (_, i) => values(i)),
          { dtype: 'float64' },
        ),
      ),
      vt,
    );
  }
  const cases = fc.record({
    m: fc.integer({ min: 1, max: 90 }),
    n: fc.integer({ min: 1, max: 90 }),
    rank: fc.integer({ min: 1, max: 12 }),
    oversampling: fc.integer({ min: 2, max: 12 }),
    iterations: fc.integer({ min: 0, max: 3 }),
    decay: fc.constantFrom(1, 0.9, 0.5, 0.1),
    seed: fc.nat(),
  });

  test('U [m, r], s [r], Vt [r, n]: orthonormal, s falls, no value exceeds that of A, each sign is fixed', () => {
    fc.assert(
      fc.property(cases, ({ m, n, rank, seed, decay, ...options }) => {
        const r = Math.min(rank, m, n);
        const a = spectral(m, n, (i) => decay ** i, seed);
        const [u, s, vt] = truncatedSvd(a, { rank: r, rng: new Rng(seed), ...options });
        assert.deepEqual([u.shape, s.shape, vt.shape], [[m, r], [r], [r, n]]);
        const identity = eye(r, r, { dtype: 'float64' });
        assertClose(matmul(u, u, { transA: true }), identity, 1e-13, 'UᵀU');
        assertClose(matmul(vt, vt, { transB: true }), identity, 1e-13, 'VtVtᵀ');
        for (let i = 0; i < r; i++) {
          assert.ok(i === 0 || s.data[i] <= s.data[i - 1], `s[${i}] rises`);
          assert.ok(s.data[i] <= decay ** i + 1e-14, `s[${i}] = ${s.data[i]} exceeds ${decay ** i}`);
          const row = vt.data.subarray(i * n, (i + 1) * n);
          const sizes = Array.from(row, Math.abs);
          const top = row[sizes.indexOf(Math.max(...sizes))];
          assert.ok(top > 0, `sign of v_${i}`);
        }
      }),
    );
  });

  test('the error is within twice the mean bound of Halko, Martinsson and Tropp', () => {
    fc.assert(
      fc.property(cases, ({ m, n, rank, oversampling: p, iterations: q, decay, seed }) => {
        const k = Math.min(m, n);
        const r = Math.min(rank, k);
        const a = spectral(m, n, (i) => decay ** i, seed);
        const [u, s, vt] = truncatedSvd(a, { rank: r, rng: new Rng(seed), oversampling: p, iterations: q });
        const error = svdvals(sub(a, matmul(mul(u, s), vt))).data[0];
        const next = r < k ? decay ** r : 0;
        const growth = 1 + Math.sqrt(r / (p - 1)) + ((Math.E * Math.sqrt(r + p)) / p) * Math.sqrt(k - r);
        const bound = 2 * next * (1 + growth ** (1 / (2 * q + 1))) + 1e-13;
        assert.ok(error <= bound, `${error} > ${bound}`);
      }),
    );
  });

  test('more iterations come nearer: at q = 4 the values are right to 2 %, where they fall slowly', () => {
    const a = spectral(120, 90, (i) => 1 / (i + 1), 3);
    const errors = [0, 1, 4].map((iterations) => {
      const [, s] = truncatedSvd(a, { rank: 8, rng: new Rng(1), iterations });
      return Math.max(...Array.from(s.data, (value, i) => 1 - value * (i + 1)));
    });
    assert.ok(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] < 0.02, errors.join(', '));
  });

  test('what has rank r or less is found to the last digits, at any scale and in any shape', () => {
    for (const [m, n] of [
      [80, 50],
      [50, 80],
      [1, 70],
      [64, 64],
    ])
      for (const scale of [1, 1e300, 1e-300]) {
        const a = spectral(m, n, (i) => (i < 5 ? 1 / (i + 1) : 0), 4);
        const [u, s, vt] = truncatedSvd(a.mul(scale), { rank: Math.min(6, m), rng: new Rng(2) });
        assertClose(matmul(mul(u, s.div(scale)), vt), a, 1e-14, `${m} × ${n} times ${scale}`);
      }
  });

  test('all values of a small matrix are those of svd; a batch is a matrix after the other; equal streams give equal bits', () => {
    const rng = new Rng(9);
    const a = tensor(
      Float64Array.from({ length: 2 * 30 * 40 }, () => rng.normal()),
      { shape: [2, 30, 40] },
    );
    const all = truncatedSvd(a, { rank: 25, rng: new Rng(1) });
    const [u, s, vt] = svd(a);
    assertClose(all[1], s.slice([null, [0, 25]]), 0, 'values');
    assert.deepEqual(all[0].shape, [2, 30, 25]);
    assert.ok(u.shape.length === 3 && vt.shape.length === 3, 'batches');
    const run = (): readonly Tensor[] => truncatedSvd(a, { rank: 3, rng: new Rng(5), oversampling: 2 });
    for (const [i, x] of run().entries()) assert.deepEqual(x.data, run()[i].data);
    const stream = new Rng(5);
    truncatedSvd(a, { rank: 3, rng: stream, oversampling: 2 });
    const after = stream.bits();
    const other = new Rng(5);
    truncatedSvd(
      matrix(1, 1, () => 2),
      { rank: 1, rng: other },
    );
    assert.equal(other.bits(), after, 'the stream moves by as much, whatever the size');
  });

  test('no gradient passes; options out of range are refused', () => {
    const x = leaf(matrix(4, 3, (i, j) => i + 2 * j));
    assert.equal(truncatedSvd(x, { rank: 1, rng: new Rng(1) })[1].requiresGrad, false);
    const rng = new Rng(1);
    for (const bad of [
      { rank: 0 },
      { rank: 4 },
      { rank: 1.5 },
      { oversampling: -1 },
      { iterations: 0.5 },
      { rng: 3 },
      { p: 1 },
    ])
      assert.throws(() => truncatedSvd(x, { rank: 1, rng, ...bad } as never), DomainError, JSON.stringify(bad));
    assert.throws(
      () =>
        truncatedSvd(
          matrix(2, 2, () => Number.NaN),
          { rank: 1, rng },
        ),
      DomainError,
    );
    assert.throws(() => truncatedSvd(tensor([1, 2]), { rank: 1, rng }), ShapeError);
  });
});
