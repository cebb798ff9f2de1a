/** The laws of QR: A·P = Q·R, Q orthonormal whatever the rank, R upper trapezoidal with a diagonal >= 0. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, ShapeError } from '../../../src/tensor/errors.ts';
import { type Blas, paddedLength, withBlas } from '../../../src/tensor/linalg/blas.ts';
import { applyReflectors } from '../../../src/tensor/linalg/householder.ts';
import { completeRows, factor, type QrResult, thinQr } from '../../../src/tensor/linalg/qr.ts';
import {
  at,
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
  unit,
  within,
} from './matrices.ts';

/** All that holds for every finite matrix, plain and pivoted. */
function qrLaws(a: Float64Array, m: number, n: number): void {
  for (const pivot of [false, true]) {
    const result = thinQr(a, m, n, { pivot });
    const { qt, r, order } = result;
    const k = Math.min(m, n);
    assert.deepEqual([qt.length, r.length], [k * m, k * n]);
    assert.deepEqual(pivot ? Array.from(order).sort((i, j) => i - j) : Array.from(order), range(n));
    within(defect(qt, k, m), 1e-13, '|QᵀQ − I|');
    for (let i = 0; i < k; i++)
      for (let j = 0; j <= i; j++)
        assert.ok(j < i ? r[i * n + j] === 0 : (r[i * n + j] as number) >= 0, `r_${i},${j} = ${r[i * n + j]}`);
    checkProduct([a, m, n], result);
    if (pivot) checkPivots([r, k, n]);
    assert.deepEqual(thinQr(a, m, n, { pivot }), result, 'same input, same bits');
  }
}

/** Column by column, |A·P − Q·R| <= 8·eps·√k·|column|: a reflection errs relative to the vector that it turns. */
function checkProduct(x: Matrix, { qt, r, order }: QrResult): void {
  const [a, m, n] = x;
  const k = Math.min(m, n);
  // Beside 2^−940 of the largest entry, and beside 2^−1074, anything is zero.
  const floor = largest(a) * 2 ** -900 + k * 2 ** -1074;
  for (let j = 0; j < n; j++) {
    const column = Float64Array.from({ length: m }, (_, i) => at(x, i, order[j] as number));
    const scale = unit(largest(column));
    const rest = column.map((value, i) => {
      let sum = value * scale;
      for (let l = 0; l < k; l++) sum -= (qt[l * m + i] as number) * ((r[l * n + j] as number) * scale);
      return sum;
    });
    const bound = 8 * eps * Math.sqrt(k) * norm(column.map((value) => value * scale)) + floor * scale;
    within(largest(rest), bound, `A·P − Q·R, column ${j}`);
  }
}

/** Each pivot is at least as long as what is left of every later column. */
function checkPivots(r: Matrix): void {
  const [entries, k, n] = r;
  const scale = unit(largest(entries));
  for (let i = 0; i < k; i++) {
    for (let j = i + 1; j < n; j++) {
      const left = Float64Array.from({ length: Math.min(j, k - 1) - i + 1 }, (_, t) => at(r, i + t, j) * scale);
      within(norm(left), at(r, i, i) * scale * (1 + 1e-6) + 1e-15, `left of column ${j} at pivot ${i}`);
    }
  }
}

const shapes = fc.record({ m: fc.nat({ max: 20 }), n: fc.nat({ max: 20 }), seed: fc.nat() });

describe('qr laws', () => {
  test('grid matrices of any shape', () =>
    fc.assert(
      fc.property(shapes, ({ m, n, seed }) => {
        qrLaws(...map(normal(m, n, seed), (value) => Math.round(value * 2) / 2));
      }),
    ));
  test('normal matrices of any shape', () =>
    fc.assert(fc.property(shapes, ({ m, n, seed }) => qrLaws(...normal(m, n, seed)))));

  const b = normal(40, 30);
  const families: Record<string, Matrix> = {
    identity: make(20, 20, (i, j) => +(i === j)),
    hadamard: hadamard(32),
    zero: make(5, 7, () => 0),
    'zero column first': map(b, (value, _, j) => (j === 0 ? 0 : value)),
    'rank 3': product(normal(30, 3), normal(3, 40)),
    'all equal': make(200, 150, () => 1 / 3),
    'column graded': map(b, (value, _, j) => value * graded(-12, 3, j, 30)),
    'graded by 600 decades': map(b, (value, _, j) => value * graded(300, -300, j, 30)),
    kahan: kahan(60, 1.2),
    'nearly parallel columns': make(40, 20, (i, j) => 1 + 1e-9 * graded(0, -4, (j * 7) % 20, 20) * at(b, i, j)),
    'near 1e300': map(b, (value) => value * 1e306),
    'near 1e-300': map(b, (value) => value * 1e-300),
    denormal: map(b, (value) => value * 1e-318),
    row: normal(1, 30),
    column: normal(30, 1),
  };
  for (const [name, x] of Object.entries(families)) test(name, () => qrLaws(...x));

  test('R does not depend on an orthogonal factor before A', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.nat(), (n, seed) => {
        const x = normal(n + 5, n, seed);
        const turned = thinQr(...product(orthogonal(n + 5, seed), x)).r;
        const { r } = thinQr(...x);
        within(largest(r.map((value, t) => value - (turned[t] as number))), 1e-12 * norm(r), 'difference of R');
      }),
    );
  });
});

/** Rows without gaps, padded to where the loops want them. */
function padded(blas: Blas, [a, rows, length]: Matrix): Float64Array {
  const ld = paddedLength(length);
  const out = blas.array(rows * ld);
  for (let i = 0; i < rows; i++) out.set(a.subarray(i * length, (i + 1) * length), i * ld);
  return out;
}

/** The reverse. */
const unpadded = (z: Float64Array, rows: number, length: number): Matrix =>
  make(rows, length, (i, j) => z[i * paddedLength(length) + j] as number);

describe('Q as reflectors', () => {
  test('applyReflectors turns vectors as the columns of Q do, in any number', () => {
    const sizes = fc.nat({ max: 70 });
    fc.assert(
      fc.property(sizes, fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.boolean(), (count, rows, extra, pivot) => {
        const length = count + extra;
        const [a] = normal(count, length);
        withBlas(64, (blas) => {
          const ld = paddedLength(length);
          const f = factor(blas, padded(blas, [a, count, length]), count, length, pivot);
          const identity = make(length, length, (i, j) => +(i === j));
          const apply = (z: Matrix, unit?: boolean): Matrix => {
            const data = padded(blas, z);
            applyReflectors(blas, f, f.rank, { data, at: 0, ld, count: z[1] }, unit);
            return unpadded(data, z[1], z[2]);
          };
          const q = apply(identity);
          within(defect(q[0], length, length), 2e-14, '|QᵀQ − I|');
          within(largest(apply(identity, true)[0].map((value, t) => value - q[0][t])), 1e-14, 'unit vectors');
          const z = normal(rows, length, 2);
          const expected = product(z, q);
          within(largest(apply(z)[0].map((value, t) => value - (expected[0][t] as number))), 1e-13, 'difference');
        });
      }),
      { numRuns: 40 },
    );
  });

  test('completeRows adds what is missing to an orthonormal set', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 3 }), (have, missing, extra) => {
        const total = have + missing;
        const length = total + extra;
        const given = orthogonal(length)[0].slice(0, have * length);
        withBlas(64, (blas) => {
          const z = padded(blas, [new Float64Array(total * length).fill(NaN), total, length]);
          z.set(padded(blas, [given, have, length]));
          completeRows(blas, { data: z, at: 0, ld: paddedLength(length), count: total }, have, length);
          const [rows] = unpadded(z, total, length);
          assert.deepEqual(rows.slice(0, have * length), given);
          within(defect(rows, total, length), 1e-14, '|ZZᵀ − I|');
        });
      }),
    );
  });
});

test('refusals', () => {
  const refused = (values: number[], m: number, n: number, message: RegExp, kind = DomainError): void => {
    assert.throws(
      () => thinQr(Float64Array.from(values), m, n),
      (error) => error instanceof kind && message.test(error.message) && error.op === 'qr',
    );
  };
  refused([1, 2, 3, NaN], 2, 2, /entry \(1, 1\) is NaN/);
  refused([Infinity], 1, 1, /entry \(0, 0\) is Infinity/);
  refused([1], 0.5, 2, /whole numbers/);
  refused([1], 1, 2, /1 entries/, ShapeError);
  refused([1.7e308, 1.7e308], 2, 1, /exceeds float64/);
});
