/** Products on addresses and on arrays: leading dimensions, what is summed in which order, and what is left alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng } from '../../../src/tensor/rng.ts';
import { type GemmType, gemmAt, gemmFlags, gemmScratch } from '../../../src/tensor/simd/gemm.ts';
import { type Matrix64, multiply64 } from '../../../src/tensor/simd/gemm64.ts';
import { type Room, reserve, reserveBytes, rewind, roomMark, theRoom } from '../../../src/tensor/simd/memory.ts';
import { settings, usesSimd } from '../../../src/tensor/simd/settings.ts';
import { probes } from '../../harness/arbitraries.ts';
import { plainly } from '../../harness/definition.ts';

const skip = usesSimd() ? false : 'there is no SIMD';

/** Run with each product rounded before it is added, as JavaScript does. */
function rounded<T>(fn: () => T): T {
  const before = settings.fma;
  settings.fma = false;
  try {
    return fn();
  } finally {
    settings.fma = before;
  }
}

const side = fc.oneof(
  { arbitrary: fc.nat(20), weight: 20 },
  { arbitrary: fc.constantFrom(31, 64, 67), weight: 4 },
  { arbitrary: fc.constantFrom(130, 515, 1030), weight: 1 },
);

/** A product of matrices with gaps between their rows, which are wider than the matrices. */
const products = fc.record({
  type: fc.constantFrom<GemmType>('float32', 'float64'),
  m: side,
  n: side,
  k: side,
  flags: fc.nat(7),
  gaps: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
  shifts: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)),
  seed: probes,
});

type Product = typeof products extends fc.Arbitrary<infer P> ? P : never;

/** C of a product by definition, rounded after each step; entries are looked up and stored by `at(operand, row, column)`. */
function define(
  { type, m, n, k, flags }: Product,
  data: Float32Array | Float64Array,
  into: Float32Array | Float64Array,
  at: (operand: number, i: number, j: number) => number,
): void {
  const round = type === 'float32' ? Math.fround : (x: number) => x;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = (flags & 4) !== 0 ? data[at(2, i, j)] : 0;
      for (let t = 0; t < k; t++)
        sum = round(
          sum +
            round(
              data[(flags & 1) !== 0 ? at(0, t, i) : at(0, i, t)] * data[(flags & 2) !== 0 ? at(1, j, t) : at(1, t, j)],
            ),
        );
      into[at(2, i, j)] = sum;
    }
}

/** Run a product between two marks of the memory; gives what was there afterwards, what should be, and where the scratch is in it. */
function run(product: Product): { found: readonly number[]; expected: readonly number[]; scratch: [number, number] } {
  const { type, m, n, k, flags, gaps, shifts, seed } = product;
  const view = (theRoom() as Room)[type];
  const bytes = view.BYTES_PER_ELEMENT;
  const rng = new Rng(seed);
  const shapes = [(flags & 1) !== 0 ? [k, m] : [m, k], (flags & 2) !== 0 ? [n, k] : [k, n], [m, n]];
  const lds = shapes.map(([, columns], i) => columns + gaps[i]);
  const first = reserveBytes(64);
  const addresses = shapes.map(([rows], i) => reserveBytes(((rows + 1) * lds[i] + 8) * bytes) + shifts[i] * bytes);
  const size = gemmScratch(type, m, n, k);
  const scratch = reserveBytes(size);
  const memory = view.subarray(first / bytes, (reserveBytes(64) + 64) / bytes);
  const at = (operand: number, i: number, j: number): number =>
    (addresses[operand] - first) / bytes + i * lds[operand] + j;
  // What is in the gaps, beyond the ends and in the scratch must not show.
  for (let i = 0; i < memory.length; i++) memory[i] = i % 3 === 0 ? Number.NaN : 1e30;
  for (const [x, [rows, columns]] of shapes.entries())
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) memory[at(x, i, j)] = rng.normal();
  const expected = memory.slice();
  define(product, memory, expected, at);
  const [a, b, c] = addresses;
  rounded(() => gemmAt(type, m, n, k, a, lds[0], b, lds[1], c, lds[2], flags, scratch));
  const from = (scratch - first) / bytes;
  return { found: [...memory], expected: [...expected], scratch: [from, from + size / bytes] };
}

test('gemm: each element is summed in the order of k, and nothing else is written', { skip }, () => {
  fc.assert(
    fc.property(products, (product) => {
      const mark = roomMark();
      const { found, expected, scratch } = run(product);
      rewind(mark);
      assert.deepEqual(found.slice(0, scratch[0]), expected.slice(0, scratch[0]), 'the product, and what is around it');
      assert.deepEqual(found.slice(scratch[1]), expected.slice(scratch[1]), 'what lies behind the scratch');
    }),
  );
});

test('gemm: a scratch for one size is enough for smaller ones', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<GemmType>('float32', 'float64'),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(2000)), { minLength: 3, maxLength: 3 }),
      (type, sizes) => {
        const [m, n, k] = sizes.map(([p, q]) => Math.min(p, q));
        const [M, N, K] = sizes.map(([p, q]) => Math.max(p, q));
        assert.ok(gemmScratch(type, m, n, k) <= gemmScratch(type, M, N, K), 'more for less');
      },
    ),
  );
});

/** A matrix somewhere in an array, which may be part of the memory. */
const matrix = (rows: number, columns: number, trans: boolean, inside: boolean, rng: Rng): Matrix64 => {
  const [lines, width] = trans ? [columns, rows] : [rows, columns];
  const ld = width + 2;
  const size = lines * ld + 3;
  const data = inside ? (reserve('float64', size, true)?.data as Float64Array) : new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = rng.below(9) - 4;
  return { data, at: 3, ld, trans };
};

const entry = ({ data, at = 0, ld, trans = false }: Matrix64, i: number, j: number): number =>
  data[at + (trans ? j * ld + i : i * ld + j)];

test('multiply64: plain arrays and views of the memory, with leading dimensions', { skip }, () => {
  const place = fc.record({ trans: fc.boolean(), inside: fc.boolean() });
  const few = fc.nat(12);
  fc.assert(
    fc.property(few, few, few, place, place, place, fc.boolean(), probes, (m, n, k, p, q, r, accumulate, seed) => {
      const rng = new Rng(seed);
      const mark = roomMark();
      const [a, b] = [matrix(m, k, p.trans, p.inside, rng), matrix(k, n, q.trans, q.inside, rng)];
      const c = matrix(m, n, false, r.inside, rng);
      const expected = c.data.slice();
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const at = 3 + i * c.ld + j;
          if (!accumulate) expected[at] = 0;
          for (let t = 0; t < k; t++) expected[at] += entry(a, i, t) * entry(b, t, j);
        }
      assert.equal(multiply64(m, n, k, a, b, c, accumulate), true);
      assert.deepEqual(c.data.slice(), expected);
      rewind(mark);
    }),
  );
});

test('multiply64: nothing is done without SIMD', () => {
  const c = { data: new Float64Array([7]), ld: 1 };
  assert.equal(
    plainly(() => multiply64(1, 1, 1, c, c, c)),
    false,
  );
  assert.equal(c.data[0], 7);
});

test('gemm: no products make zeros, or leave what is added to', { skip }, () => {
  for (const accumulate of [false, true]) {
    const c = { data: new Float64Array([1, 2, 3, 4]), ld: 2 };
    assert.equal(
      multiply64(2, 2, 0, { data: new Float64Array(0), ld: 0 }, { data: new Float64Array(0), ld: 2 }, c, accumulate),
      true,
    );
    assert.deepEqual([...c.data], accumulate ? [1, 2, 3, 4] : [0, 0, 0, 0]);
  }
  assert.deepEqual(gemmFlags, { transA: 1, transB: 2, accumulate: 4 });
});
