/** Masks and the steps of optimizers in SIMD, under the laws of a backend. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { zeros } from '../../../src/index.ts';
import { maskedScaleKernel } from '../../../src/tensor/cpu/dropout.ts';
import { maskedFillKernel, whereKernel } from '../../../src/tensor/cpu/layout.ts';
import {
  adamKernel,
  adamStepKernel,
  descentKernel,
  emaKernel,
  momentumDescentKernel,
} from '../../../src/tensor/cpu/optimizer.ts';
import { scope } from '../../../src/tensor/scope.ts';
import '../../../src/tensor/simd/lay/steps.ts';
import { Tensor } from '../../../src/tensor/tensor.ts';
import { checkBackend, simd, type Wild, wild } from '../../harness/backend.ts';

const sizes = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(0, 1, 31, 32, 33, 63, 64, 65, 300, 1000) },
  { weight: 1, arbitrary: fc.constant(70_001) },
);
/** As many vectors of one length. */
const vectors = (count: number, options: Wild = {}): fc.Arbitrary<Tensor[]> =>
  sizes.chain((n) => fc.tuple(...Array.from({ length: count }, () => wild([n], options))));

/** Bytes: 0, and 1 or another number, which holds as well. */
const maskOf = (x: Tensor): Tensor => {
  const mask = zeros(x.shape, { dtype: 'bool' });
  for (let i = 0; i < x.size; i++) mask.data[i] = x.data[i] > 1 ? 255 : x.data[i] > 0 ? 1 : 0;
  return mask;
};
const special = { special: true };

checkBackend(simd, {
  name: 'where',
  kernel: whereKernel,
  calls: vectors(3, special).map(([c, p, q]) => [[maskOf(c), p, q], undefined]),
  tolerance: 0,
});
checkBackend(simd, {
  name: 'maskedFill',
  kernel: maskedFillKernel,
  calls: fc
    .tuple(vectors(2, special), fc.constantFrom(0, -Infinity, Number.NaN, 0.1))
    .map(([[x, m], value]) => [[x, maskOf(m)], value]),
  tolerance: 0,
});
checkBackend(simd, {
  name: 'maskedScale',
  kernel: maskedScaleKernel,
  calls: fc.tuple(vectors(2), fc.constantFrom(2, 1 / 0.9, 0)).map(([[x, m], scale]) => [[x, maskOf(m)], scale]),
  tolerance: 1.2e-7,
});

const tolerance = 5e-7;
checkBackend(simd, {
  name: 'ema',
  kernel: emaKernel,
  calls: fc.tuple(vectors(2), fc.constantFrom(0, 0.9, 0.999, 1)),
  tolerance,
  of: 'result',
});

const settings = fc.record({
  lr: fc.constantFrom(0, 1e-3, 0.5),
  eps: fc.constantFrom(1e-8, 1e-2, 1e-40),
  bias1: fc.constantFrom(0.1, 0.9999),
  bias2: fc.constantFrom(0.001, 0.9),
});
/** Squares, with NaN and zeros. */
const squares = { special: true, of: (x: number) => Math.abs(x) % 1e6 };
checkBackend(simd, {
  name: 'adamStep',
  kernel: adamStepKernel,
  calls: fc
    .tuple(fc.constantFrom(0, 1, 5, 40), fc.constantFrom(1, 3, 17, 64), fc.boolean(), settings)
    .chain(([n, m, each, attrs]) =>
      fc.tuple(wild([n, m]), wild(each ? [n, m] : [n, 1], squares)).map((inputs) => [inputs, attrs]),
    ),
  tolerance,
});
checkBackend(simd, {
  name: 'adam',
  kernel: adamKernel,
  calls: fc
    .tuple(vectors(4), settings, fc.constantFrom(0, 0.1), fc.constantFrom(0, 0.1), fc.constantFrom(0.9, 0))
    .map(([[x, g, m, v], numbers, decay, shrink, beta1]) => {
      for (let i = 0; i < v.size; i++) v.data[i] = v.data[i] ** 2;
      return [[x, g, m, v], { ...numbers, decay, shrink, beta1, beta2: 0.999 }];
    }),
  tolerance: 1e-6,
  of: 'result',
});

const descent = fc.record({ lr: fc.constantFrom(0, 0.1, 2), decay: fc.constantFrom(0, 0.3) });
checkBackend(simd, {
  name: 'descent',
  kernel: descentKernel,
  calls: fc.tuple(vectors(2), descent),
  tolerance,
  of: 'result',
});
checkBackend(simd, {
  name: 'momentumDescent',
  kernel: momentumDescentKernel,
  calls: fc
    .tuple(vectors(3), descent, fc.constantFrom(0.5, 0.9), fc.constantFrom(0, 0.3), fc.boolean())
    .map(([inputs, numbers, momentum, dampening, nesterov]) => [inputs, { ...numbers, momentum, dampening, nesterov }]),
  tolerance,
  of: 'result',
});

test('whole groups of elements end where the memory of their buffer does', () => {
  for (const n of [32, 33, 47, 257])
    scope(() => {
      const [x, g] = [zeros([n]), zeros([n])];
      scope(() => Tensor.allocate([1000], 'float32').data.fill(7));
      const y = descentKernel([x, g], { lr: 1, decay: 0 });
      const next = Tensor.allocate([32], 'float32', y.device, false);
      assert.equal(next.storage.address - y.storage.address, Math.ceil(y.bytes / 64) * 64, 'the next buffer');
      assert.ok(
        next.data.every((v) => v === 7),
        `of ${n}: the next buffer was written`,
      );
    });
});
