/**
 * The laws of the singular value decomposition, over random shapes and over the families of matrices that break such
 * programs. Bounds: vectors orthonormal within 1e-13; max|A − UΣVᵀ| <= 4·eps·(1 + √k)·σ1 (measured over thousands of
 * random matrices: 3.9·eps·σ1 at k = 1, 1.3·eps·√k·σ1 at k = 512).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, ShapeError } from '../../../src/tensor/errors.ts';
import { thinQr } from '../../../src/tensor/linalg/qr.ts';
import { type SvdResult, singularValues, thinSvd } from '../../../src/tensor/linalg/svd.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import {
  at,
  close,
  defect,
  eps,
  graded,
  hadamard,
  kahan,
  largest,
  type Matrix,
  make,
  map,
  norm,
  normal,
  orthogonal,
  product,
  range,
  relative,
  residual,
  transposed,
  unit,
  within,
} from './matrices.ts';

/** All that holds for every finite matrix. What takes further decompositions is left to sizes below 100. */
function svdLaws(a: Float64Array, m: number, n: number): SvdResult {
  const given = a.slice();
  const result = thinSvd(a, m, n);
  const { ut, s, vt } = result;
  const k = Math.min(m, n);
  assert.deepEqual(a, given, 'the input is left alone');
  assert.deepEqual([ut.length, s.length, vt.length], [k * m, k, k * n]);
  for (let i = 0; i < k; i++) {
    assert.ok((s[i] as number) >= 0 && (i === 0 || (s[i] as number) <= (s[i - 1] as number)), `s[${i}] = ${s[i]}`);
    const v = vt.subarray(i * n, (i + 1) * n);
    assert.ok((v.find((value) => Math.abs(value) === largest(v)) as number) > 0, `sign of v_${i}`);
  }
  within(defect(ut, k, m), 1e-13, '|UᵀU − I|');
  within(defect(vt, k, n), 1e-13, '|VᵀV − I|');
  // Values below the least normal number are rounded to multiples of 2^−1074.
  const scale = unit(s[0] ?? 0);
  const bound = (s[0] ?? 0) * scale * 4 * eps * (1 + Math.sqrt(k)) + k * 2 ** -1074 * scale;
  within(largest(residual([a, m, n], result)), bound, '|A − UΣVᵀ|');
  if (Math.max(m, n) > 100) return result;
  assert.deepEqual(thinSvd(a, m, n), result, 'same input, same bits');
  assert.deepEqual(singularValues(a, m, n), s);
  close(singularValues(...transposed([a, m, n])), s, 'transposition');
  return result;
}

const matrices = fc
  .tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }))
  .chain(([m, n]) =>
    fc
      .array(fc.integer({ min: -32, max: 32 }), { minLength: m * n, maxLength: m * n })
      .map((values): Matrix => make(m, n, (i, j) => (values[i * n + j] as number) / 16)),
  );
const shapes = fc.record({ m: fc.integer({ min: 1, max: 40 }), n: fc.integer({ min: 1, max: 40 }), seed: fc.nat() });

describe('svd laws', () => {
  test('grid matrices of any shape', () => fc.assert(fc.property(matrices, (x) => void svdLaws(...x))));
  test('normal matrices of any shape', () =>
    fc.assert(fc.property(shapes, ({ m, n, seed }) => void svdLaws(...normal(m, n, seed)))));
  test('any finite numbers', () => {
    const entry = fc.double({ noNaN: true, min: -1e307, max: 1e307 });
    const any = fc.array(entry, { minLength: 12, maxLength: 12 }).map((values) => Float64Array.from(values));
    fc.assert(fc.property(any, fc.constantFrom(1, 2, 3, 4, 6, 12), (a, m) => void svdLaws(a, m, 12 / m)));
  });

  const q = orthogonal(40);
  const b = normal(40, 40);
  const families: Record<string, Matrix> = {
    identity: make(60, 60, (i, j) => +(i === j)),
    'multiple of the identity': make(30, 50, (i, j) => (i === j ? 1 / 3e7 : 0)),
    orthogonal: q,
    'multiple of an orthogonal matrix': map(q, (value) => 7e5 * value),
    hadamard: hadamard(64),
    'reversed identity': make(9, 9, (i, j) => +(i + j === 8)),
    nilpotent: make(20, 20, (i, j) => +(j === i + 1)),
    zero: make(7, 5, () => 0),
    'zero row and column': map(b, (value, i, j) => (i === 3 || j === 7 ? 0 : value)),
    'one entry': make(6, 9, (i, j) => (i === 4 && j === 2 ? -3 : 0)),
    'rank 3': product(normal(40, 3), normal(3, 25)),
    'equal columns': make(30, 30, (i) => b[0][i] as number),
    'all equal': make(256, 256, () => 1 / 3),
    'column graded': map(b, (value, _, j) => value * graded(3, -12, j, 40)),
    'row graded': map(b, (value, i) => value * graded(3, -12, i, 40)),
    'graded by 600 decades': map(b, (value, _, j) => value * graded(300, -300, j, 40)),
    'graded singular values': product(
      map(q, (value, _, j) => value * graded(0, -15, j, 40)),
      orthogonal(40, 2),
    ),
    'two clusters': product(
      map(q, (value, _, j) => value * (j < 20 ? 1 : 1e-8)),
      orthogonal(40, 2),
    ),
    hilbert: make(60, 60, (i, j) => 1 / (i + j + 1)),
    kahan: kahan(200, 1.2),
    'near 1e300': map(b, (value) => value * 1e306),
    'near 1e-300': map(b, (value) => value * 1e-300),
    denormal: map(b, (value) => value * 1e-318),
    'least number': make(3, 2, () => 5e-324),
    row: normal(1, 70),
    column: normal(70, 1),
    'no rows': make(0, 4, () => 0),
    'no columns': make(4, 0, () => 0),
    tall: normal(300, 20),
    wide: normal(20, 300),
    '512 × 512': normal(512, 512),
  };
  for (const [name, x] of Object.entries(families)) test(name, () => void svdLaws(...x));

  test('a row that vanishes within Jacobi is completed', () => {
    // A Kahan matrix whose last pivot is just above the floor of the rank, and whose last singular value is far below.
    const tail = map(kahan(100, 1.2, 1e-8), (value) => (value * 2 ** -916) / Math.sin(1.2) ** 99);
    const { s } = svdLaws(...make(101, 101, (i, j) => (i && j ? at(tail, i - 1, j - 1) : +(i === j))));
    assert.notEqual(s[99], 0);
    assert.equal(s[100], 0);
  });
});

describe('singular values', () => {
  test('closed forms', () => {
    within(
      relative(singularValues(Float64Array.of(3, 0, 4, 5), 2, 2), [Math.sqrt(45), Math.sqrt(5)]),
      2 * eps,
      'relative error',
    );
    const ones = make(80, 80, (i, j) => +(j >= i));
    const sines = range(80).map((i) => 0.5 / Math.sin(((2 * i + 1) * Math.PI) / 322));
    within(relative(singularValues(...ones), sines), 1e-14, 'relative error');
  });

  test('small ones are right to their own last digits when columns or rows are graded', () => {
    const n = 32;
    const grades = range(n).map((i) => graded(3, -12, i, n));
    const order = new Rng(1).permutation(n);
    const x = map(hadamard(n), (value, _, j) => value * (grades[order[j] as number] as number));
    const exact = grades.map((value) => value * Math.sqrt(n));
    within(relative(singularValues(...x), exact), 1e-14, 'relative error');
    within(relative(singularValues(...transposed(x)), exact), 1e-14, 'relative error');
    // B·D with d_j = 2^−40j: σ_j = r_jj·d_j within a factor 1 + 2^−80, for B = QR.
    const { r } = thinQr(...normal(30, 20));
    const steep = map(normal(30, 20), (value, _, j) => value * 2 ** (-40 * j));
    const diagonal = range(20).map((j) => (r[j * 21] as number) * 2 ** (-40 * j));
    within(relative(singularValues(...steep), diagonal), 1e-13, 'relative error');
  });

  test('small ones are right when rows and columns are both graded', () => {
    // D·B·D with d_i = 2^−40i: σ_i = |u_ii|·d_i² within a factor 1 + 2^−80, for B = LU.
    const b = normal(8, 8);
    const u = b[0].slice();
    for (let i = 0; i < 8; i++)
      for (let row = i + 1; row < 8; row++)
        for (let j = 7; j >= i; j--) u[row * 8 + j]! -= (u[row * 8 + i]! / u[i * 9]!) * u[i * 8 + j]!;
    const p = new Rng(1).permutation(8);
    const q = new Rng(2).permutation(8);
    const x = make(8, 8, (i, j) => at(b, p[i]!, q[j]!) * 2 ** (-40 * p[i]! - 40 * q[j]!));
    const exact = range(8).map((i) => Math.abs(u[i * 9]!) * 2 ** (-80 * i));
    within(relative(singularValues(...x), exact), 1e-13, 'relative error');
    within(relative(singularValues(...transposed(x)), exact), 1e-13, 'relative error');
  });

  test('each column of a graded matrix is reconstructed to its own last digits', () => {
    const x = map(normal(50, 40), (value, _, j) => value * graded(3, -12, j, 40));
    const rest = residual(x, thinSvd(...x));
    const scale = norm(residual(x, thinSvd(...x), 0)) / norm(x[0]);
    for (const j of range(40)) {
      const column = (z: Float64Array): Float64Array => z.filter((_, t) => t % 40 === j);
      within(norm(column(rest)), 2e-14 * scale * norm(column(x[0])), `column ${j}`);
    }
  });

  test('permuting, transposing and scaling', () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: -8, max: 8, noNaN: true }), ({ m, n, seed }, c) => {
        const x = normal(m, n, seed);
        const s = singularValues(...x);
        const order = new Rng(seed).permutation(m);
        close(singularValues(...map(x, (_, i, j) => at(x, order[i] as number, j))), s, 'row permutation');
        close(singularValues(...product(orthogonal(m, seed), x)), s, 'rotation');
        close(
          singularValues(...map(x, (value) => c * value)),
          s.map((value) => Math.abs(c) * value),
          'scaling',
        );
        assert.deepEqual(
          singularValues(...map(x, (value) => value * 2 ** -700)),
          s.map((value) => value * 2 ** -700),
        );
      }),
    );
  });

  test('interlace when the last column is dropped', () => {
    fc.assert(
      fc.property(matrices, ([a, m, n]) => {
        if (m < n || n < 2) return;
        const s = singularValues(a, m, n);
        const less = singularValues(...make(m, n - 1, (i, j) => a[i * n + j] as number));
        const slack = 1e-14 * (s[0] as number);
        for (const [i, value] of less.entries()) {
          within(value, (s[i] as number) + slack, `value ${i} of the smaller matrix`);
          within(s[i + 1] as number, value + slack, `value ${i + 1} of the larger matrix`);
        }
      }),
    );
  });

  test('Eckart–Young: the error of truncation is the root of the sum of the dropped squares', () => {
    fc.assert(
      fc.property(shapes, fc.nat({ max: 40 }), ({ m, n, seed }, rank) => {
        const x = normal(m, n, seed);
        const result = thinSvd(...x);
        const scale = norm(residual(x, result, 0)) / norm(x[0]);
        const error = norm(residual(x, result, Math.min(rank, result.s.length))) / scale;
        within(Math.abs(error - norm(result.s.slice(rank))), 1e-13 * (result.s[0] as number), 'difference of errors');
      }),
    );
  });
});

test('refusals', () => {
  const refused = (values: number[], m: number, n: number, message: RegExp, kind = DomainError): void => {
    for (const f of [thinSvd, singularValues])
      assert.throws(
        () => f(Float64Array.from(values), m, n),
        (error) => error instanceof kind && message.test(error.message) && error.op === 'svd',
      );
  };
  refused([1, 2, NaN, 4], 2, 2, /entry \(1, 0\) is NaN/);
  refused([1, -Infinity, 3, 4], 2, 2, /entry \(0, 1\) is -Infinity/);
  refused([1, 2, 3], 1, 1.5, /whole numbers/);
  refused([], -1, 0, /whole numbers/);
  refused([1, 2, 3], 2, 2, /3 entries/, ShapeError);
  refused(new Array(4).fill(1.7e308), 2, 2, /exceeds float64/);
});
