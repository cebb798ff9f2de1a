import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng, type Tensor, tensor } from '../../../src/index.ts';
import { gatherKernel, indexAddKernel, indexSelectKernel, scatterAddKernel } from '../../../src/tensor/cpu/gather.ts';
import { at, valuesOf } from '../../harness/naive.ts';

/** Random numbers of every size: their sum depends on the order and on the precision. */
const wild = (shape: readonly [number, number], seed: number, dtype: Tensor['dtype']): Tensor => {
  const rng = new Rng(seed);
  const value = (): number => Math.fround((rng.uniform() - 0.5) * 2 ** (rng.below(60) - 30));
  return tensor(Array.from({ length: shape[0] * shape[1] }, value), { shape, dtype });
};
const places = (shape: readonly number[], n: number, seed: number): Tensor => {
  const rng = new Rng(seed).fork('places');
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Int32Array.from({ length: size }, () => rng.below(n)),
    { shape },
  );
};
const sizes = fc.record({
  m: fc.integer({ min: 1, max: 30 }),
  n: fc.integer({ min: 1, max: 6 }),
  inner: fc.constantFrom(1, 3, 33, 40),
  seed: fc.nat(1e6),
});
const dtypes = fc.constantFrom('float32' as const, 'float64' as const);

test('indexAdd: to the bit what adding one by one in float64 gives, rounded once', () => {
  fc.assert(
    fc.property(sizes, dtypes, ({ m, n, inner, seed }, dtype) => {
      const [x, src, index] = [wild([n, inner], seed, dtype), wild([m, inner], seed + 1, dtype), places([m], n, seed)];
      const sums = Float64Array.from(x.data);
      for (let j = 0; j < m; j++)
        for (let c = 0; c < inner; c++) sums[index.data[j] * inner + c] += src.data[j * inner + c];
      assert.deepEqual(indexAddKernel([x, index, src], 0).data, dtype === 'float32' ? Float32Array.from(sums) : sums);
    }),
  );
});

test('scatterAdd: to the bit what adding one by one in float64 gives, rounded once', () => {
  fc.assert(
    fc.property(sizes, dtypes, ({ m, n, inner, seed }, dtype) => {
      const [x, src, index] = [
        wild([n, inner], seed, dtype),
        wild([m, inner], seed + 1, dtype),
        places([m, inner], n, seed),
      ];
      const sums = Float64Array.from(x.data);
      for (const [i, d] of index.data.entries()) sums[d * inner + (i % inner)] += src.data[i];
      assert.deepEqual(scatterAddKernel([x, index, src], 0).data, dtype === 'float32' ? Float32Array.from(sums) : sums);
    }),
  );
});

test('whole numbers wrap as int32 does, once at the end', () => {
  const x = tensor([2 ** 31 - 1], { dtype: 'int32' });
  const [index, src] = [tensor([0, 0], { dtype: 'int32' }), tensor([1, 1], { dtype: 'int32' })];
  for (const kernel of [indexAddKernel, scatterAddKernel])
    assert.deepEqual([...kernel([x, index, src], 0).data], [-(2 ** 31) + 1]);
});

test('rows long enough to be copied at once are the rows that were named', () => {
  fc.assert(
    fc.property(sizes, ({ m, n, inner, seed }) => {
      const [x, index] = [wild([n, inner], seed, 'float64'), places([m], n, seed)];
      const expected = valuesOf([m, inner], ([j, c]) => at(x, [index.data[j], c]));
      assert.deepEqual([...indexSelectKernel([x, index], 0).data], expected);
      const wide = places([m, inner], n, seed);
      const own = valuesOf([m, inner], (i) => at(x, i.with(0, at(wide, i))));
      assert.deepEqual([...gatherKernel([x, wide], 0).data], own);
    }),
  );
});
