/** Shape functions that are made of ops: what `checkOp` says of an op holds for them too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flip } from '../../../src/autograd/ops/flip.ts';
import { takeAlongAxis } from '../../../src/autograd/ops/gather.ts';
import { flatten, moveAxis, squeeze, transpose, unsqueeze } from '../../../src/autograd/ops/layout.ts';
import { repeat, repeatInterleave } from '../../../src/autograd/ops/repeat.ts';
import { pad, stack } from '../../../src/autograd/ops/slice.ts';
import { argsort } from '../../../src/autograd/ops/sort.ts';
import { chunk, unbind } from '../../../src/autograd/ops/split.ts';
import { diag, diagEmbed, diagonal } from '../../../src/autograd/ops/triangle.ts';
import {
  allocations,
  cast,
  grad,
  gradcheck,
  gradgradcheck,
  meta,
  mul,
  Rng,
  square,
  sum,
  Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { probes, shapes, tensors } from '../../harness/arbitraries.ts';
import { assertSame } from '../../harness/compare.ts';

/** A place on the last axis for every element of x, in some order. */
const places = (x: Tensor): Tensor => {
  const index = zeros([1, x.shape[1]], { dtype: 'int32', device: x.device });
  return x.device.hasData ? tensor(new Rng(x.size).permutation(x.shape[1]), { shape: index.shape }) : index;
};
const last = (list: readonly Tensor[]): Tensor => list[list.length - 1];

/** Every function, called on a matrix. */
const calls: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  chunk: (x) => last(chunk(x, { chunks: 2, axis: 1 })),
  diag: (x) => mul(diag(diag(x)), 2),
  diagEmbed: (x) => diagEmbed(x, { offset: -1 }),
  diagonal: (x) => diagonal(x, { axes: [1, 0], offset: 1 }),
  flatten: (x) => flatten(x),
  flip: (x) => flip(x, 1),
  moveAxis: (x) => moveAxis(x, 0, 1),
  padConstant: (x) =>
    pad(x, {
      width: [
        [1, 0],
        [0, 2],
      ],
      value: 3,
    }),
  padEdge: (x) => pad(x, { width: 2, mode: 'edge' }),
  padReflect: (x) => pad(x, { width: 3, mode: 'reflect' }),
  padWrap: (x) => pad(x, { width: 2, mode: 'wrap' }),
  repeat: (x) => repeat(x, [2, 1, 2]),
  repeatInterleave: (x) => repeatInterleave(x, { repeats: 2, axis: 1 }),
  squeeze: (x) => squeeze(x),
  stack: (x) => stack([x, mul(x, x)], { axis: 1 }),
  takeAlongAxis: (x) => takeAlongAxis(x, places(x)),
  transpose: (x) => transpose(x),
  unbind: (x) => last(unbind(x)),
  unsqueeze: (x) => unsqueeze(x, [0, -1]),
};

const matrices = shapes({ minRank: 2, maxRank: 2, minSize: 1 }).chain((shape) => tensors(shape));

for (const [name, fn] of Object.entries(calls)) {
  test(`${name}: the gradient, and that of the gradient, are central differences`, () => {
    fc.assert(
      fc.property(matrices, probes, (x, probe) => {
        const leaf = tensor(x.data, { shape: x.shape, dtype: 'float64', requiresGrad: true });
        const options = { fast: true, rng: new Rng(probe), eps: 1e-5, atol: 1e-6, rtol: 1e-6 };
        const y = fn(leaf);
        if (y.size === 0) return;
        gradcheck((t) => square(fn(t)), [leaf], options);
        gradgradcheck((t) => square(fn(t)), [leaf], options);
      }),
      { numRuns: 30 },
    );
  });

  test(`${name}: the same in float32, and on meta with no memory for values`, () => {
    fc.assert(
      fc.property(matrices, (x) => {
        const y = fn(x);
        assertSame(cast(fn(cast(x, 'float32')), 'float64'), cast(cast(y, 'float32'), 'float64'), 'float32');
        const shadow = Tensor.allocate(x.shape, 'float32', meta);
        shadow.requiresGrad = true;
        const before = allocations();
        const shade = fn(shadow);
        assert.deepEqual([shade.shape, shade.dtype, shade.device], [y.shape, 'float32', meta]);
        assert.deepEqual(grad(sum(shade), [shadow])[0].shape, x.shape);
        assert.deepEqual(allocations(), before);
      }),
    );
  });
}

test('argsort works on meta, and keeps no graph', () => {
  const x = Tensor.allocate([2, 3], 'float32', meta);
  assert.deepEqual(argsort(x, { axis: 0 }).shape, [2, 3]);
  assert.equal(argsort(tensor([1, 2], { requiresGrad: true })).node, null);
});
