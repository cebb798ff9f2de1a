/** Sums, extremes, norms and spreads of rows, of columns, and of blocks between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sum, type Tensor, zeros } from '../../../src/index.ts';
import { argmaxKernel, argminKernel, maxKernel, minKernel, sumKernel } from '../../../src/tensor/cpu/reduce.ts';
import { centreKernel, normKernel, varianceKernel } from '../../../src/tensor/cpu/statistics.ts';
import { simdOverlay } from '../../../src/tensor/device.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { checkBackend, simd, type Wild } from '../../harness/backend.ts';
import { largestOf, matrix, modest, view } from '../../harness/rows.ts';

const ordinary: Wild = { of: (x) => x + 3 };
const special: Wild = { special: true };

/** A tensor of three or four axes, or a matrix, and some of its axes. */
const reductions = fc
  .oneof(
    { weight: 8, arbitrary: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(1, 2, 3, 5, 7, 12, 17))) },
    { weight: 2, arbitrary: fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 1, 2, 4, 6))) },
    { weight: 1, arbitrary: fc.constantFrom([3000, 27], [2, 40_000], [70_001], [9, 130, 65], [1000, 3]) },
  )
  .chain((shape) =>
    fc.tuple(
      fc.constantFrom(ordinary, special).chain((how) => view(shape, how)),
      fc.subarray(shape.map((_, i) => i)),
    ),
  );
const calls = reductions.map(([x, axes]) => [[x], axes] as const);

/** The largest sum of sizes. */
const sumOfSizes = ([x]: readonly Tensor[], axes: unknown): number => {
  const y = sumKernel([x.rawView(x.shape)], axes as readonly number[]);
  return Math.max(1e-30, Math.min(1e38, (largestOf(x) * x.size) / Math.max(1, y.size)));
};
checkBackend(simd, { name: 'sum', kernel: sumKernel, calls, tolerance: 1e-7, of: sumOfSizes });
checkBackend(simd, { name: 'max', kernel: maxKernel, calls, tolerance: 0 });
checkBackend(simd, { name: 'min', kernel: minKernel, calls, tolerance: 0 });

const withAxes = <A>(more: fc.Arbitrary<A>) =>
  fc.tuple(reductions, more).map(([[x, axes], attrs]) => [[x], { axes, ...attrs }] as const);
checkBackend(simd, {
  name: 'norm',
  kernel: normKernel,
  calls: withAxes(fc.record({ p: fc.constantFrom(1, 2, Infinity) })),
  tolerance: 1.2e-7,
});
checkBackend(simd, {
  name: 'variance',
  kernel: varianceKernel,
  calls: withAxes(fc.record({ correction: fc.constantFrom(0, 1, 4, 20), root: fc.boolean() })),
  tolerance: 1.2e-7,
});

/** Rows with ties, with a mean far from 0, and with differences that float32 has no room for. */
const kinds: readonly Wild[] = [ordinary, { of: Math.round }, { of: (x) => x + 1e4 }, { of: (x) => x * 1.2e38 }];
checkBackend(simd, {
  name: 'centre',
  kernel: centreKernel,
  calls: matrix([...kinds, { special: true, of: modest }]).map((x) => [[x], 1] as const),
  tolerance: 2e-7,
  smallest: 1e-9,
});
const filled = matrix([...kinds, special])
  .filter((x) => x.shape[1] > 0)
  .map((x) => [[x], undefined] as const);
checkBackend(simd, { name: 'argmax', kernel: argmaxKernel, calls: filled, tolerance: 0 });
checkBackend(simd, { name: 'argmin', kernel: argminKernel, calls: filled, tolerance: 0 });

test('a sum of a million numbers, and of a million rows, loses nothing', () => {
  const rng = new Rng(2);
  const x = zeros([1_000_000]);
  let exact = 0;
  for (let i = 0; i < x.size; i++) {
    x.data[i] = 1e4 * rng.uniform();
    exact += x.data[i];
  }
  assert.equal(sum(x).item(), Math.fround(exact));
  const columns = sum(x.rawView([125_000, 8]), { axis: 0 });
  let total = 0;
  for (const v of columns.data) total += v;
  assert.ok(Math.abs(total / exact - 1) < 1e-7, `${total}, not ${exact}`);
});

test('what is reduced over scattered axes, over short rows and over narrow columns', () => {
  const accepts = (x: Tensor, axes: readonly number[]): boolean =>
    simdOverlay.get('sum')?.accepts([x] as never, axes as never) === true;
  const x = zeros([8, 6, 8]);
  for (const axes of [[0], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2], [1]]) assert.ok(accepts(x, axes), `[${axes}]`);
  assert.ok(accepts(zeros([100, 3]), [0]), 'columns 3 wide');
  assert.ok(!accepts(zeros([100, 1]), [1]), 'rows of 1');
  assert.ok(!accepts(x, []), 'nothing to reduce');
});
