import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, type Shape, ShapeError, TensorError } from '../../src/index.ts';
import {
  broadcastShapes,
  checkShape,
  resolveAxes,
  resolveAxis,
  sameShape,
  sizeOf,
  stridesOf,
} from '../../src/tensor/shape.ts';
import { narrowed, shapes } from '../harness/arbitraries.ts';
import { assertRefuses } from '../harness/compare.ts';
import { indices } from '../harness/naive.ts';

test('the size is the number of indices, and strides number them', () => {
  fc.assert(
    fc.property(shapes(), (shape) => {
      const all = indices(shape);
      const strides = stridesOf(shape);
      assert.equal(sizeOf(shape), all.length);
      const flat = all.map((index) => index.reduce((sum, i, axis) => sum + i * strides[axis], 0));
      assert.deepEqual(flat, [...all.keys()]);
    }),
  );
});

/** NumPy's rule, written from the definition; null when the shapes do not broadcast. */
function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const [p, q] = [a, b].map((s) => [...new Array<number>(rank - s.length).fill(1), ...s]);
  if (p.some((n, i) => n !== q[i] && n !== 1 && q[i] !== 1)) return null;
  return p.map((n, i) => (n === 1 ? q[i] : n));
}

test('broadcasting follows NumPy’s rule, is symmetric, and refuses the rest by name', () => {
  fc.assert(
    fc.property(shapes(), shapes(), (a, b) => {
      const expected = broadcast(a, b);
      for (const [p, q] of [
        [a, b],
        [b, a],
      ])
        if (expected === null)
          assertRefuses(() => broadcastShapes('f', p, q), ShapeError, 'f', /axis -\d of the broadcast/);
        else assert.deepEqual([...broadcastShapes('f', p, q)], expected);
    }),
  );
});

test('a narrowed shape broadcasts back to the wide one', () => {
  const pairs = shapes().chain((wide) => fc.tuple(narrowed(wide), fc.constant(wide)));
  fc.assert(
    fc.property(pairs, ([narrow, wide]) => assert.deepEqual([...broadcastShapes('f', narrow, wide)], [...wide])),
  );
});

test('shapes are the same when every size is', () => {
  fc.assert(fc.property(shapes(), shapes(), (a, b) => assert.equal(sameShape(a, b), a.join() === b.join())));
  assert.ok(!sameShape([], [1]) && !sameShape([2, 3], [3, 2]) && sameShape([], []));
});

test('axes count from either end, and those that do not exist are refused', () => {
  assert.deepEqual(
    [-3, -1, 0, 2].map((axis) => resolveAxis('f', axis, [4, 5, 6])),
    [0, 2, 0, 2],
  );
  for (const axis of [3, -4, 0.5, Number.NaN])
    assertRefuses(() => resolveAxis('f', axis, [4, 5, 6]), ShapeError, 'f', /axis/);
  assert.deepEqual(resolveAxes('f', [2, -3], [4, 5, 6]), [0, 2]);
  assert.deepEqual(resolveAxes('f', undefined, [4, 5]), [0, 1]);
  assertRefuses(() => resolveAxes('f', [1, -1], [4, 5]), ShapeError, 'f', /repeat/);
});

test('a size is a whole number >= 0', () => {
  assert.deepEqual(checkShape('f', [0, 3]), [0, 3]);
  for (const n of [-1, 0.5, Number.NaN, Infinity, 2 ** 53])
    assertRefuses(() => checkShape('f', [2, n]), DomainError, 'f', /whole number/);
});

test('errors carry the op and the shapes, as fields and in the message', () => {
  const error = new ShapeError('matmul', 'no', [[2, 3], []]);
  assert.equal(error.message, 'matmul: no, got [2,3] · []');
  assert.equal(error.name, 'ShapeError');
  assert.deepEqual([error.op, error.shapes], ['matmul', [[2, 3], []]]);
  assert.ok(error instanceof TensorError && error instanceof Error);
  assert.equal(new DomainError('f', 'no').message, 'f: no');
});
