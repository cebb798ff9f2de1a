import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpuKernels } from '../../src/gpu.ts';
import { read, sources } from '../package/tree.ts';

/** Names of the kernels that a source makes of a loop over elements. */
const pointwiseIn = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:unary|binary|parametric)Kernel\(\s*'(\w+)'/g)].map(([, name]) => name);

test('every pointwise kernel has its row on the GPU', () => {
  const names = sources('src').flatMap((path) => pointwiseIn(read(path)));
  assert.ok(names.length > 50, `only ${names.length} found`);
  assert.deepEqual(
    names.filter((name) => !Object.hasOwn(gpuKernels, name)),
    [],
  );
  assert.deepEqual(pointwiseIn("export const cubeKernel = unaryKernel(\n  'cube', (y, x) => {});"), ['cube']);
});
