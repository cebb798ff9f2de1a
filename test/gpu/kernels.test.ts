import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gpuDevice, gpuKernels } from '../../src/gpu.ts';
import { verdictOf } from '../harness/gpuKernel.ts';
import { gpuCases } from './cases/all.ts';

test('every kernel of the device is held to its definition', () => {
  assert.deepEqual(new Set(gpuCases.map(({ name }) => name)), new Set(Object.keys(gpuKernels)));
});

for (const mode of ['cpu', 'webasm'] as const)
  describe(`kernels in GPU.js's mode ${mode}`, async () => {
    const gpu = await gpuDevice({ mode });
    for (const claim of gpuCases)
      test(claim.name, async () => {
        const { problem } = await verdictOf(gpu, claim, 1);
        assert.equal(problem, null);
      });
  });
