import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Shape } from '../../../src/index.ts';
import { expandKernel, whereKernel, windowKernel } from '../../../src/tensor/cpu/layout.ts';
import { anyTensors, narrowed, shapes, tensors } from '../../harness/arbitraries.ts';
import { at, broadcastAt, valuesOf } from '../../harness/naive.ts';

const pairs = shapes().chain((wide) => narrowed(wide).chain((shape) => fc.tuple(tensors(shape), fc.constant(wide))));

test('expand: element [i, …] is the operand’s element there, broadcast', () => {
  fc.assert(
    fc.property(pairs, ([x, wide]) => {
      const y = expandKernel([x], wide);
      assert.deepEqual(
        [...y.data],
        valuesOf(wide, (index) => broadcastAt(x, index)),
      );
    }),
  );
});

/** A tensor, and a window that lies inside it. */
const windows = anyTensors().chain((x) => {
  const ends = fc.tuple(...x.shape.map((n) => fc.tuple(fc.nat(n), fc.nat(n))));
  return ends.map((list) => {
    const start = list.map(([a, b]) => Math.min(a, b));
    const shape: Shape = list.map(([a, b]) => Math.abs(a - b));
    return [x, { start, shape }] as const;
  });
});

test('window: element i of the result is element start + i', () => {
  fc.assert(
    fc.property(windows, ([x, window]) => {
      const y = windowKernel([x], window);
      const shifted = (index: readonly number[]): number[] => index.map((i, axis) => i + window.start[axis]);
      assert.deepEqual(
        [...y.data],
        valuesOf(window.shape, (index) => at(x, shifted(index))),
      );
    }),
  );
});

test('where chooses element by element', () => {
  const triples = shapes().chain((shape) =>
    fc.tuple(tensors(shape, { dtype: 'bool' }), tensors(shape), tensors(shape)),
  );
  fc.assert(
    fc.property(triples, ([condition, p, q]) => {
      const y = whereKernel([condition, p, q], undefined);
      assert.deepEqual(
        [...y.data],
        [...condition.data].map((c, i) => (c ? p : q).data[i]),
      );
    }),
  );
});
