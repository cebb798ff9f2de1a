/** Softmax, its logarithm, the cross-entropy, and what they do to gradients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { softmax, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { crossEntropyGradKernel, crossEntropyKernel } from '../../../src/tensor/cpu/crossEntropy.ts';
import {
  logSoftmaxGradKernel,
  logSoftmaxKernel,
  softmaxGradKernel,
  softmaxKernel,
} from '../../../src/tensor/cpu/softmax.ts';
import { logSumExpKernel } from '../../../src/tensor/cpu/statistics.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { probes } from '../../harness/arbitraries.ts';
import { checkBackend, simd, wild } from '../../harness/backend.ts';
import { largestOf, matrices, matrix, modest, view } from '../../harness/rows.ts';

const ordinary = { scale: 3 };
const special = { scale: 20, special: true };

const alone = matrix([ordinary, special, { of: () => -Infinity }, { of: (x) => x + 1e4 }]).map(
  (x) => [[x], undefined] as const,
);
// Far below the largest, the exponent's own rounding shows: 2⁻²⁴ of the distance.
checkBackend(simd, { name: 'softmax', kernel: softmaxKernel, calls: alone, tolerance: 1e-6, smallest: 1e-11 });
checkBackend(simd, { name: 'logSoftmax', kernel: logSoftmaxKernel, calls: alone, tolerance: 1e-6, smallest: 1e-11 });

const overAxes = matrix([ordinary, special, { of: () => -Infinity }]).chain((x) =>
  fc.constantFrom([1], [0, 1]).map((axes) => [[x], axes] as const),
);
checkBackend(simd, {
  name: 'logSumExp',
  kernel: logSumExpKernel,
  calls: overAxes,
  tolerance: 2e-7,
  of: ([x]) => Math.min(largestOf(x), 1e4) + Math.log(x.size + 1),
});

const pairs = matrices.chain((shape) =>
  fc.tuple(
    view(shape, { special: true, of: modest }),
    view(shape, { special: true, of: (x) => (Number.isFinite(x) ? Math.abs(x % 1) : x) }),
  ),
);
checkBackend(simd, {
  name: 'softmaxGrad',
  kernel: softmaxGradKernel,
  calls: pairs.map((inputs) => [inputs, undefined]),
  tolerance: 3e-7,
  of: ([dy, y]) => largestOf(dy) * largestOf(y) * (1 + y.shape[1] * largestOf(y)),
});
checkBackend(simd, {
  name: 'logSoftmaxGrad',
  kernel: logSoftmaxGradKernel,
  calls: pairs
    .map(([dy, y]) => [[dy, y.rawView(y.shape)], undefined] as const)
    .chain(([[dy], attrs]) =>
      wild(dy.shape, { scale: 10, special: true, of: (x) => (Math.abs(x) > 80 ? -Infinity : -Math.abs(x)) }).map(
        (y) => [[dy, y], attrs] as const,
      ),
    ),
  tolerance: 3e-7,
  of: ([dy]) => largestOf(dy) * (1 + dy.shape[1]),
});

/** Logits, a target for each row, every now and then the one to ignore, and options. */
const examples = matrix([ordinary, special, { of: (x) => x - 1e3 }]).chain((x) =>
  fc.record({
    x: fc.constant(x),
    target: probes.map((seed) => targetsFor(x, seed)),
    attrs: fc.record({ ignoreIndex: fc.constantFrom(-100, 0), labelSmoothing: fc.constantFrom(0, 0.1, 1) }),
  }),
);

function targetsFor({ shape: [rows, classes] }: Tensor, seed: number): Tensor {
  const rng = new Rng(seed);
  const target = zeros([rows], { dtype: 'int32' });
  for (let i = 0; i < rows; i++) target.data[i] = rng.below(8) === 0 ? -100 : rng.below(classes);
  return target;
}

const complete = examples.filter(
  ({ target, attrs: { ignoreIndex } }) => ignoreIndex === -100 || target.data.every((t) => t >= 0),
);
checkBackend(simd, {
  name: 'crossEntropy',
  kernel: crossEntropyKernel,
  calls: complete.map(({ x, target, attrs }) => [[x, target], attrs]),
  tolerance: 1e-6,
  smallest: 1e-11,
});
checkBackend(simd, {
  name: 'crossEntropyGrad',
  kernel: crossEntropyGradKernel,
  calls: complete.chain(({ x, target, attrs }) =>
    wild(target.shape).map((g) => [[g, x, target, crossEntropyKernel([x, target], attrs)[1]], attrs] as const),
  ),
  tolerance: 1e-6,
  of: ([g]) => largestOf(g),
});

test('a confident loss keeps its digits: log(1 + δ) for a small δ', () => {
  const x = zeros([4, 10]);
  for (let row = 0; row < 4; row++) x.data[row * 10] = 25;
  const [losses] = crossEntropyKernel([x, zeros([4], { dtype: 'int32' })], { ignoreIndex: -100, labelSmoothing: 0 });
  const expected = Math.log1p(9 * Math.exp(-25));
  for (const loss of losses.data) assert.ok(Math.abs(loss / expected - 1) < 1e-6, `${loss}, not ${expected}`);
});

test('a target that no int32 can be is left to the definition', () => {
  const x = tensor(
    Array.from({ length: 64 }, (_, i) => i % 7),
    { shape: [8, 8] },
  );
  const [losses] = crossEntropyKernel([x, zeros([8], { dtype: 'int32' })], { ignoreIndex: 2 ** 32, labelSmoothing: 0 });
  assert.ok(
    losses.data.every((loss) => loss > 0),
    'nothing is ignored',
  );
});

test('softmax along the first axis', () => {
  fc.assert(
    fc.property(wild([16, 5]), (x) => {
      const y = softmax(x, { axis: 0 });
      for (let j = 0; j < 5; j++) {
        let total = 0;
        for (let i = 0; i < 16; i++) total += y.data[5 * i + j];
        assert.ok(Math.abs(total - 1) < 1e-6, `column ${j} sums to ${total}`);
      }
    }),
  );
});
