/** Functions of one number in SIMD: against their definitions in float64 over all of float32, and under the laws of a backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { zeros } from '../../../src/index.ts';
import * as activation from '../../../src/tensor/cpu/activation.ts';
import * as arithmetic from '../../../src/tensor/cpu/arithmetic.ts';
import { erfKernel } from '../../../src/tensor/cpu/erf.ts';
import * as exponential from '../../../src/tensor/cpu/exponential.ts';
import { clampKernel } from '../../../src/tensor/cpu/extrema.ts';
import { ceilKernel, floorKernel, roundKernel } from '../../../src/tensor/cpu/rounding.ts';
import * as trigonometric from '../../../src/tensor/cpu/trigonometric.ts';
import type { Kernel, Spec } from '../../../src/tensor/kernel.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { probes } from '../../harness/arbitraries.ts';
import { checkBackend, simd, wild } from '../../harness/backend.ts';

/** A kernel, what its formula says of its relative error, and attributes to call it with. */
interface Claim {
  readonly name: string;
  readonly kernel: Kernel<readonly [Tensor], unknown, Spec>;
  readonly tolerance: number;
  readonly attrs: readonly unknown[];
}

const claim = <A>(
  name: string,
  kernel: Kernel<readonly [Tensor], A, Spec>,
  tolerance: number,
  attrs: readonly NoInfer<A>[],
): Claim => ({ name, kernel: kernel as Claim['kernel'], tolerance, attrs });
const plain = (name: string, kernel: Kernel<readonly [Tensor], undefined, Spec>, tolerance: number): Claim =>
  claim(name, kernel, tolerance, [undefined]);
const { Infinity: inf } = globalThis;

const claims: readonly Claim[] = [
  plain('neg', arithmetic.negKernel, 0),
  plain('abs', arithmetic.absKernel, 0),
  plain('sign', arithmetic.signKernel, 0),
  plain('square', arithmetic.squareKernel, 0),
  plain('reciprocal', arithmetic.reciprocalKernel, 0),
  plain('sqrt', exponential.sqrtKernel, 0),
  plain('rsqrt', exponential.rsqrtKernel, 1.2e-7),
  plain('relu', activation.reluKernel, 0),
  plain('floor', floorKernel, 0),
  plain('ceil', ceilKernel, 0),
  plain('round', roundKernel, 0),
  plain('exp', exponential.expKernel, 3e-7),
  plain('expm1', exponential.expm1Kernel, 3e-7),
  plain('log', exponential.logKernel, 3e-7),
  plain('log1p', exponential.log1pKernel, 3e-7),
  plain('log2', exponential.log2Kernel, 3e-7),
  plain('sinh', trigonometric.sinhKernel, 4e-7),
  plain('cosh', trigonometric.coshKernel, 4e-7),
  plain('tanh', trigonometric.tanhKernel, 4e-7),
  plain('asinh', trigonometric.asinhKernel, 3e-7),
  plain('acosh', trigonometric.acoshKernel, 3e-7),
  plain('atanh', trigonometric.atanhKernel, 3e-7),
  plain('erf', erfKernel, 5e-7),
  plain('sigmoid', activation.sigmoidKernel, 4e-7),
  plain('silu', activation.siluKernel, 4e-7),
  plain('gelu', activation.geluKernel, 5e-7),
  plain('geluTanh', activation.geluTanhKernel, 5e-7),
  plain('logSigmoid', activation.logSigmoidKernel, 5e-7),
  plain('mish', activation.mishKernel, 5e-7),
  claim('clamp', clampKernel, 0, [
    { low: -1, high: 1 },
    { low: 0.1, high: 0.3 },
    { low: -inf, high: 6 },
    { low: 2, high: inf },
  ]),
  claim('leakyRelu', activation.leakyReluKernel, 1.2e-7, [0.01, -2, 0]),
  claim('elu', activation.eluKernel, 5e-7, [1, 0.3]),
  claim('softplus', activation.softplusKernel, 5e-7, [
    { beta: 1, threshold: 20 },
    { beta: 1, threshold: inf },
    { beta: 1, threshold: -1 },
    { beta: 1, threshold: 0.1 },
    { beta: 2, threshold: 20 },
  ]),
];

const sizes = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(0, 1, 31, 32, 33, 47, 48, 100, 255, 256, 257, 1023) },
  { weight: 10, arbitrary: fc.integer({ min: 32, max: 2000 }) },
  { weight: 1, arbitrary: fc.constant(70_001) },
);
const operands = fc
  .tuple(sizes, fc.constantFrom(0.01, 1, 30), fc.boolean())
  .chain(([n, scale, special]) => wild([n], { scale, special }));

/** Float32 numbers all over the line: every `stride`-th pattern of bits. */
function spread(first: number, stride: number): Tensor {
  const x = zeros([Math.floor(2 ** 32 / stride)]);
  const words = new Uint32Array(x.data.buffer);
  for (let i = 0; i < x.size; i++) words[i] = first + i * stride;
  return x;
}

/** The error of y where e is right: in units of what is allowed, infinite where they differ in kind, at a zero or in its sign. */
function excess(y: number, e: number, tolerance: number): number {
  const rounded = Math.fround(e);
  if (Object.is(y, rounded)) return 0;
  if (!Number.isFinite(y) || !Number.isFinite(rounded) || y === rounded || e === 0) return inf;
  return Math.abs(y - e) / Math.max(tolerance * Math.abs(e) + 2 ** -150, 1.5 * 2 ** -149);
}

for (const { name, kernel, tolerance, attrs } of claims) {
  checkBackend(simd, {
    name,
    kernel,
    calls: fc.tuple(
      operands.map((x) => [x]),
      fc.constantFrom(...attrs),
    ),
    tolerance,
  });

  test(`${name}: within ${tolerance} of float64 over all of float32; NaN, infinities and signed zeros as there`, () => {
    fc.assert(
      fc.property(probes, fc.constantFrom(...attrs), (seed, attr) => {
        const stride = 131_071;
        const x = spread(seed % stride, stride);
        const wide = zeros([x.size], { dtype: 'float64' });
        wide.data.set(x.data);
        const [found, expected] = [kernel([x], attr).data, kernel([wide], attr).data];
        for (let i = 0; i < x.size; i++)
          if (!(excess(found[i], expected[i], tolerance) <= 1))
            assert.fail(`${name}(${x.data[i]}) is ${found[i]}, by definition ${expected[i]}`);
      }),
      { numRuns: 5 },
    );
  });
}

/** The same as float32 and as float64. */
function both(values: readonly number[]): readonly [Tensor, Tensor] {
  const [x, wide] = [zeros([values.length]), zeros([values.length], { dtype: 'float64' })];
  for (const t of [x, wide]) t.data.set(values);
  return [x, wide];
}

/** The neighbours of a number in float32, itself among them, and those of its negative. */
function around(x: number): number[] {
  const bits = new Int32Array(new Float32Array([x]).buffer)[0];
  const near = new Float32Array(Int32Array.from({ length: 81 }, (_, i) => bits + i - 40).buffer);
  return [...near].flatMap((v) => [v, -v]);
}

describe('points where a formula changes', () => {
  const edges = [
    ...[0.1, 0.5, 1, 2, 8, 11, 14.6, 20, 40, 88.02969, 88.37626, 88.72284, 89.41599, 103.97208, 110],
    ...[Math.SQRT1_2, Math.SQRT2, Math.LN2 / 2, 3.93, 9.011, 2 ** 24, 2 ** 127, 2.4061595e38, 1.8446743e19],
    ...[2 ** -126, 1e-8, 2 ** -24],
  ];
  const points = [...[0, inf, Number.NaN].flatMap((v) => [v, -v]), ...edges.flatMap(around)];
  for (const { name, kernel, tolerance, attrs } of claims)
    test(name, () => {
      const [x, wide] = both(points);
      for (const attr of attrs) {
        const [found, expected] = [kernel([x], attr).data, kernel([wide], attr).data];
        for (let i = 0; i < x.size; i++)
          if (!(excess(found[i], expected[i], tolerance) <= 1))
            assert.fail(`${name}(${points[i]}) is ${found[i]}, by definition ${expected[i]}`);
      }
    });
});

test('tanh and erf never pass 1, nor sigmoid', () => {
  const [x] = both(Array.from({ length: 40_000 }, (_, i) => i / 2000));
  for (const kernel of [trigonometric.tanhKernel, erfKernel, activation.sigmoidKernel])
    for (const y of kernel([x], undefined).data) assert.ok(y <= 1, `${y}`);
});
