/** Standardised rows, with and without weight and bias, and their gradients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layerNorm, type Tensor, tensor, zeros } from '../../../src/index.ts';
import {
  affineNormGradKernel,
  affineNormKernel,
  affineNormWeightGradKernel,
  standardizeGradKernel,
  standardizeKernel,
} from '../../../src/tensor/cpu/standardize.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { settings } from '../../../src/tensor/simd/settings.ts';
import { checkBackend, simd, type Wild, wild } from '../../harness/backend.ts';
import { largestOf, matrices, matrix, modest, view } from '../../harness/rows.ts';

/** Values that float32 can square, and that it cannot: far from 0, constant, huge, tiny, not finite. */
const kinds: readonly Wild[] = [
  { scale: 3 },
  { of: (x) => x + 1e4 },
  { special: true },
  { of: () => 0.1 },
  { of: (x) => Math.sign(x) * 3.3e38 },
  { of: (x) => x * 1e-21 },
  { of: (x) => x * 1e-38 },
];
const options = fc.record({
  axes: fc.constantFrom(1, 2),
  eps: fc.constantFrom(0, 2 ** -23, 1e-5, 1),
  centre: fc.boolean(),
});

// Values of a row are about 1: next to the mean they are as exact as the mean.
const standardized = fc.tuple(matrix(kinds), options).map(([x, attrs]) => [[x], attrs] as const);
type Standardize = Parameters<typeof standardizeKernel>;
checkBackend(simd, {
  name: 'standardize',
  kernel: (...[inputs, attrs]: Standardize) => standardizeKernel(inputs, attrs)[0],
  calls: standardized,
  tolerance: 5e-7,
  smallest: 2e-7,
});
checkBackend(simd, {
  name: 'standardize',
  kernel: (...[inputs, attrs]: Standardize) => standardizeKernel(inputs, attrs)[1],
  calls: standardized,
  tolerance: 4e-7,
});

const affine = fc
  .tuple(matrix(kinds), options)
  .chain(([x, attrs]) => weights(x, attrs.axes).map(([w, b]) => [[x, w, b], attrs] as const));
type Affine = Parameters<typeof affineNormKernel>;
checkBackend(simd, {
  name: 'affineNorm',
  kernel: (...[inputs, attrs]: Affine) => affineNormKernel(inputs, attrs)[0],
  calls: affine,
  tolerance: 5e-7,
  // Values of a row of n are at most √n.
  of: ([x, w, b]) => largestOf(w) * Math.sqrt(x.size) + largestOf(b),
});
checkBackend(simd, {
  name: 'affineNorm',
  // The mean, which comes in two parts, and the scale.
  kernel: (...[inputs, attrs]: Affine) => {
    const { data } = affineNormKernel(inputs, attrs)[1];
    const rows = data.length / 3;
    const mean = Array.from({ length: rows }, (_, i) => data[3 * i] + data[3 * i + 1]);
    return [tensor(mean, { dtype: 'float64' }), tensor(Array.from({ length: rows }, (_, i) => data[3 * i + 2]))];
  },
  calls: affine,
  tolerance: 4e-7,
  smallest: 1e-6,
});

function weights(x: Tensor, axes: number): fc.Arbitrary<readonly [Tensor, Tensor]> {
  const row = x.shape.slice(x.rank - axes);
  return fc.tuple(view(row), view(row));
}

const gradients = matrices.chain((shape) =>
  fc.record({
    dy: view(shape, { special: true, of: modest }),
    x: view(shape, { of: (x) => x + 100 }),
    y: view(shape, { special: true, of: modest }),
    r: wild([shape[0]], { of: Math.abs }),
    attrs: fc.record({ axes: fc.constant(1), centre: fc.boolean() }),
  }),
);
checkBackend(simd, {
  name: 'standardizeGrad',
  kernel: standardizeGradKernel,
  calls: gradients.map(({ dy, y, r, attrs }) => [[dy, y, r], attrs] as const),
  tolerance: 4e-7,
  of: ([dy, y, r]) => largestOf(r) * largestOf(dy) * (1 + largestOf(y) ** 2),
});

/** What `affineNorm` leaves of x. */
const statsOf = (x: Tensor): Tensor => {
  const row = zeros([x.shape[1]]);
  return affineNormKernel([x, row, row], { axes: 1, eps: 1e-5, centre: true })[1];
};
checkBackend(simd, {
  name: 'affineNormGrad',
  kernel: affineNormGradKernel,
  calls: gradients.chain(({ dy, x, attrs }) => weights(x, 1).map(([w]) => [[dy, x, w, statsOf(x)], attrs] as const)),
  tolerance: 1e-6,
  of: ([dy, x, w, stats]) => largestOf(dy) * largestOf(w) * largestOf(scales(stats)) * (2 + Math.sqrt(x.shape[1])),
});
checkBackend(simd, {
  name: 'affineNormWeightGrad',
  kernel: affineNormWeightGradKernel,
  calls: gradients.map(({ dy, x }) => [[dy, x, statsOf(x)], 1] as const),
  tolerance: 2e-7,
  of: ([dy, x]) => largestOf(dy) * Math.sqrt(x.shape[1]) * x.shape[0],
});

/** The last of the three numbers of each row. */
function scales(stats: Tensor): Tensor {
  const [rows] = stats.shape;
  return tensor(Array.from({ length: rows }, (_, i) => stats.data[3 * i + 2]));
}

test('layerNorm of rows with mean 1e4 and standard deviation 1 is exact to the last digits', () => {
  const rng = new Rng(5);
  const x = zeros([8, 512]);
  for (let i = 0; i < x.size; i++) x.data[i] = 1e4 + rng.normal();
  const found = layerNorm(x);
  settings.on = false;
  try {
    const expected = layerNorm(x);
    for (const [i, v] of found.data.entries())
      assert.ok(Math.abs(v - expected.data[i]) <= 3e-7 * Math.abs(expected.data[i]) + 1e-7, `element ${i} is ${v}`);
  } finally {
    settings.on = true;
  }
});

test('an outlier in first place does not drown the spread of the others', () => {
  const rng = new Rng(6);
  const n = 10_000;
  const x = zeros([1, n]);
  for (let i = 0; i < n; i++) x.data[i] = rng.normal();
  x.data[0] = 1e6;
  const [y, r] = standardizeKernel([x], { axes: 1, eps: 0, centre: true });
  let [sum, squares] = [0, 0];
  for (const v of y.data) {
    sum += v;
    squares += v * v;
  }
  assert.ok(Math.abs(sum / n) < 1e-7, `mean ${sum / n}`);
  assert.ok(Math.abs(squares / n - 1) < 1e-6, `mean square ${squares / n}`);
  assert.ok(r.data[0] > 0, 'the scale is positive');
});
