/** The inner loops of the factorisations in WebAssembly against those in TypeScript, and when which of them run. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Blas, paddedLength, withBlas } from '../../../src/tensor/linalg/blas.ts';
import { plainLoops } from '../../../src/tensor/linalg/plain.ts';
import { thinSvd } from '../../../src/tensor/linalg/svd.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { linalgRoom } from '../../../src/tensor/simd/linalgRoom.ts';
import { reserveBytes, rewind, roomMark, roomUse } from '../../../src/tensor/simd/memory.ts';
import { usesSimd } from '../../../src/tensor/simd/settings.ts';
import { plainly } from '../../harness/definition.ts';
import { defect, normal, within } from '../linalg/matrices.ts';

/** Loops, arrays of random numbers for them, and what the loops made of it. */
type Use = (blas: Blas, numbers: (length: number) => Float64Array) => readonly (Float64Array | number)[];

/** Runs `use` with both kinds of loops on the same numbers, and compares within `tolerance` of the largest. */
function agree(seed: number, use: Use, tolerance = 1e-13): void {
  const outcome = (blas: Blas): number[] => {
    const rng = new Rng(seed);
    const numbers = (length: number): Float64Array => {
      const x = blas.array(length);
      for (let i = 0; i < length; i++) x[i] = rng.normal();
      return x;
    };
    return use(blas, numbers).flatMap((x) => (typeof x === 'number' ? [x] : [...x]));
  };
  const room = linalgRoom();
  assert.ok(room !== null, 'SIMD is on');
  const found = outcome(room.blas);
  room.close();
  const expected = outcome(plainLoops);
  assert.equal(found.length, expected.length);
  const scale = expected.reduce((top, x) => Math.max(top, Math.abs(x)), 1);
  for (const [i, x] of found.entries()) within(Math.abs(x - expected[i]), tolerance * scale, `value ${i}`);
}

const seeds = fc.nat();
/** Lengths of vectors, and offsets: multiples of 8. */
const lengths = fc.integer({ min: 1, max: 20 }).map((eighths) => 8 * eighths);
const few = fc.nat({ max: 9 });

describe('the loops in WebAssembly give what the plain ones do, and write nothing else', { skip: !usesSimd() }, () => {
  test('dot, addScaled', () =>
    fc.assert(
      fc.property(seeds, lengths, few, few, (seed, n, i, j) =>
        agree(seed, (blas, numbers) => {
          const [x, y] = [numbers(n + i), numbers(n + j + 3)];
          const product = blas.dot(x, i, y, j, n);
          blas.addScaled(0.7, x, i, y, j, n);
          return [product, x, y];
        }),
      ),
    ));

  test('dotBlock, rotateBlock', () =>
    fc.assert(
      fc.property(seeds, lengths, (seed, n) =>
        agree(seed, (blas, numbers) => {
          const x = numbers(5 * n);
          const [out, turn] = [numbers(9), numbers(9)];
          const rows = [n, 4 * n, 0, 2 * n] as const;
          blas.dotBlock(x, rows, n, out);
          blas.rotateBlock(x, rows, n, turn);
          return [x, out, turn];
        }),
      ),
    ));

  test('rotateChain', () =>
    fc.assert(
      fc.property(seeds, lengths, few, few, (seed, n, count, before) =>
        agree(seed, (blas, numbers) => {
          const ld = n + 8;
          const x = numbers((count + 2) * ld);
          const turns = numbers(2 * count + before + 1);
          for (let i = 0; i < turns.length; i++) turns[i] = Math.sin(turns[i]);
          if (count > 0) blas.rotateChain({ data: x, at: 8 }, ld, n, count, { data: turns, at: before });
          return [x];
        }),
      ),
    ));

  test('updateAndDot', () =>
    fc.assert(
      fc.property(seeds, lengths, few, few, fc.constantFrom(1, 2), (seed, n, count, at, updates) =>
        agree(seed, (blas, numbers) => {
          const ld = n + 8;
          const x = numbers((count + 1) * ld);
          const taken = Array.from({ length: updates }, () => ({
            w: { data: numbers(count + at + 1), at },
            u: { data: numbers(n + at), at },
          }));
          const [v, out] = [numbers(n + at), numbers(count + at + 2)];
          blas.updateAndDot({ data: x, at: 8, ld, count }, n, taken, { data: v, at }, { data: out, at: at + 1 });
          return [x, out];
        }),
      ),
    ));

  test('multiply', () =>
    fc.assert(
      fc.property(seeds, few, few, few, fc.boolean(), fc.boolean(), (seed, m, n, k, trans, accumulate) =>
        agree(seed, (blas, numbers) => {
          const a = { data: numbers(100), at: 3, ld: k };
          const b = { data: numbers(120), at: 2, ld: (trans ? k : n) + 1, trans };
          const c = numbers(130);
          blas.multiply(m, n, k, a, b, { data: c, at: 1, ld: n + 2 }, accumulate);
          return [c];
        }),
      ),
    ));
});

describe('which loops run', () => {
  const x = normal(40, 40);
  const plain = (): ReturnType<typeof thinSvd> => plainly(() => thinSvd(...x));

  test('small matrices, and all when SIMD is off: plain ones', () => {
    withBlas(15, (blas) => assert.equal(blas, plainLoops));
    withBlas(1000, (blas) => assert.equal(blas === plainLoops, !usesSimd()));
    const { ut, s, vt } = plain();
    within(defect(ut, 40, 40), 1e-13, '|UᵀU − I|');
    within(defect(vt, 40, 40), 1e-13, '|VᵀV − I|');
    for (const [i, value] of thinSvd(...x).s.entries()) within(Math.abs(value - s[i]), 1e-14 * s[0], `value ${i}`);
  });

  test('a memory without room: plain ones, and nothing is left reserved', { skip: !usesSimd() }, () => {
    const expected = plain();
    const mark = roomMark();
    const { used } = roomUse();
    for (const left of [0, 1 << 13, 1 << 15]) {
      reserveBytes(roomUse().free - left - 64);
      assert.deepEqual(thinSvd(...x), expected, `${left} bytes left`);
      rewind(mark);
    }
    thinSvd(...x);
    assert.equal(roomUse().used, used);
  });

  test('an error passes, and takes the arrays back', () => {
    const mark = roomMark();
    assert.throws(
      () =>
        withBlas(100, (blas) => {
          blas.array(1000);
          throw new RangeError('mine');
        }),
      RangeError,
    );
    assert.equal(roomMark(), mark);
  });
});

test('paddedLength is at least n, a multiple of 8 but not of 64, and grows with n', () => {
  let before = 0;
  for (let n = 0; n < 600; n++) {
    const length = paddedLength(n);
    assert.ok(length >= Math.max(n, 1) && length % 8 === 0 && length % 64 !== 0 && length >= before, `${n}: ${length}`);
    before = length;
  }
});
