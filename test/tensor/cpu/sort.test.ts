import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng, tensor } from '../../../src/index.ts';
import { sortKernel } from '../../../src/tensor/cpu/sort.ts';

/** Long lines with many equal entries and some NaN: both ways of sorting are met, and their border. */
const lines = fc.record({
  n: fc.integer({ min: 60, max: 300 }),
  seed: fc.nat(1e6),
  distinct: fc.constantFrom(3, 40, 1e6),
  nans: fc.constantFrom(0, 1, 3),
  descending: fc.boolean(),
});

test('long lines: the order is that of a stable sort by value, NaN last of all when rising and first when falling', () => {
  fc.assert(
    fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), ({ n, seed, distinct, nans, descending }, share) => {
      const rng = new Rng(seed);
      const line = Array.from({ length: n }, () => (rng.below(10) < nans ? Number.NaN : rng.below(distinct)));
      const count = Math.round(share * n);
      const [values, index] = sortKernel([tensor([line, line.toReversed()], { dtype: 'float64' })], {
        count,
        descending,
      });
      for (const [row, own] of [line, line.toReversed()].entries()) {
        const key = (i: number): number => (Number.isNaN(own[i]) ? Infinity : own[i]) * (descending ? -1 : 1);
        const sign = (a: number, b: number): number => (key(a) === key(b) ? a - b : key(a) - key(b));
        const places = [...own.keys()].sort(sign).slice(0, count);
        assert.deepEqual([...index.data.subarray(row * count, (row + 1) * count)], places);
        assert.deepEqual(
          [...values.data.subarray(row * count, (row + 1) * count)],
          places.map((i) => own[i]),
        );
      }
    }),
  );
});
