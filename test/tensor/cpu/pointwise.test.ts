import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reluGradKernel } from '../../../src/tensor/cpu/activation.ts';
import { addKernel, divKernel, mulKernel, subKernel } from '../../../src/tensor/cpu/arithmetic.ts';
import {
  equalKernel,
  greaterEqualKernel,
  greaterKernel,
  lessEqualKernel,
  lessKernel,
  notEqualKernel,
} from '../../../src/tensor/cpu/compare.ts';
import { powKernel } from '../../../src/tensor/cpu/exponential.ts';
import { maximumKernel, minimumKernel } from '../../../src/tensor/cpu/extrema.ts';
import type { BinaryKernel } from '../../../src/tensor/cpu/pointwise.ts';
import { atan2Kernel } from '../../../src/tensor/cpu/trigonometric.ts';
import { narrowed, shapes, tensors } from '../../harness/arbitraries.ts';
import { broadcastAt, valuesOf } from '../../harness/naive.ts';

const kernels: Readonly<Record<string, readonly [BinaryKernel, (a: number, b: number) => number]>> = {
  add: [addKernel, (a, b) => a + b],
  sub: [subKernel, (a, b) => a - b],
  mul: [mulKernel, (a, b) => a * b],
  div: [divKernel, (a, b) => a / b],
  equal: [equalKernel, (a, b) => Number(a === b)],
  greater: [greaterKernel, (a, b) => Number(a > b)],
  less: [lessKernel, (a, b) => Number(a < b)],
  notEqual: [notEqualKernel, (a, b) => Number(a !== b)],
  greaterEqual: [greaterEqualKernel, (a, b) => Number(a >= b)],
  lessEqual: [lessEqualKernel, (a, b) => Number(a <= b)],
  minimum: [minimumKernel, (a, b) => Math.min(a, b)],
  maximum: [maximumKernel, (a, b) => Math.max(a, b)],
  pow: [powKernel, (a, b) => (a === 1 ? 1 : a ** b)],
  atan2: [atan2Kernel, (a, b) => Math.atan2(a, b)],
  reluGrad: [reluGradKernel, (a, b) => (b > 0 ? a : 0)],
};

const pairs = shapes({ maxRank: 4 }).chain((wide) => {
  const operand = narrowed(wide).chain((shape) => tensors(shape));
  return fc.tuple(operand, operand);
});

for (const [name, [kernel, f]] of Object.entries(kernels))
  test(`${name}: element [i, …] of the result is f of the operands’ elements there, broadcast index by index`, () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const y = kernel([a, b], undefined);
        const expected = valuesOf(y.shape, (index) => f(broadcastAt(a, index), broadcastAt(b, index)));
        assert.deepEqual([...y.data], expected);
      }),
    );
  });
