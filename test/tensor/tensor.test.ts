import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  DeviceError,
  DTypeError,
  exp,
  GradError,
  meta,
  mul,
  permute,
  reshape,
  ShapeError,
  slice,
  Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { anyTensors, tensors } from '../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';
import { at, indices } from '../harness/naive.ts';

test('data is flat and row-major; shape, rank, size and bytes belong together', () => {
  fc.assert(
    fc.property(anyTensors(), (x) => {
      assert.equal(x.rank, x.shape.length);
      assert.equal(x.size, x.data.length);
      assert.equal(x.bytes, 8 * x.size);
      const nested = x.toArray();
      for (const [i, index] of indices(x.shape).entries()) {
        const found = index.reduce<unknown>((level, j) => (level as unknown[])[j], nested);
        assert.equal(found, x.data[i]);
        assert.equal(at(x, index), x.data[i]);
      }
    }),
  );
});

test('item is the only element, and refuses any other number of them', () => {
  assert.equal(tensor([[7]]).item(), 7);
  assert.equal(tensor(true).item(), 1);
  for (const x of [zeros([0]), zeros([2])]) assertRefuses(() => x.item(), ShapeError, 'item', /exactly one/);
});

test('toArray gives booleans for bool, a number for a scalar', () => {
  assert.deepEqual(tensor([[true], [false]]).toArray(), [[true], [false]]);
  assert.equal(tensor(3).toArray(), 3);
  assert.deepEqual(zeros([2, 0]).toArray(), [[], []]);
});

test('a meta tensor has no values to read; a write raises its version alone', () => {
  const shadow = zeros([2], { device: meta });
  for (const read of [() => shadow.data, () => shadow.toArray(), () => zeros([], { device: meta }).item()])
    assertRefuses(read, DeviceError, 'data', /'meta' has no values/);
  shadow.assign_(zeros([2], { device: meta }));
  assert.equal(shadow.storage.version, 1);
  assertRefuses(() => shadow.assign_(zeros([2])), DeviceError, 'assign_', /meta and cpu/);
  assertRefuses(() => add(shadow, zeros([2])), DeviceError, 'add', /meta and cpu/);
});

test('assign_ writes in place: every tensor over the storage sees it, and its version rises', () => {
  fc.assert(
    fc.property(
      anyTensors({ minRank: 1 }).chain((x) => fc.tuple(fc.constant(x), tensors(x.shape))),
      ([x, value]) => {
        const flat = reshape(x, [-1]);
        const version = x.storage.version;
        assert.equal(x.assign_(value), x);
        assertSame(x, value, 'values');
        assert.deepEqual([...flat.data], [...value.data]);
        assert.equal(x.storage.version, version + 1);
        assert.equal(value.storage.version, 0);
      },
    ),
  );
});

test('a write through a slice reaches those elements alone', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  slice(x, [[1]]).assign_(
    tensor([
      [10, 20],
      [30, 40],
    ]),
  );
  assertHolds(x, [
    [1, 2],
    [10, 20],
    [30, 40],
  ]);
  assert.equal(x.storage.version, 1);
  slice(x, [[0, 2]]).assign_(slice(x, [[1, 3]]));
  assertHolds(x, [
    [10, 20],
    [30, 40],
    [30, 40],
  ]);
});

test('what copies does not see later writes', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const copies = [permute(x, [0, 1]), slice(x, [null, [0, 2]]), slice(x, [null, [0, 1]]), add(x, 0)];
  const held = copies.map((y) => [...y.data]);
  x.assign_(zeros([2, 2]));
  assert.deepEqual([...copies[0].data], held[0]);
  for (const i of [2, 3]) assert.deepEqual([...copies[i].data], held[i]);
  assert.equal(copies[1].storage, x.storage, 'a slice of everything shares');
});

test('assign_ refuses another shape, and another dtype', () => {
  const x = zeros([2]);
  for (const shape of [[3], [1, 2], []])
    assertRefuses(() => x.assign_(zeros(shape)), ShapeError, 'assign_', /shapes differ/);
  assertRefuses(() => x.assign_(zeros([2], { dtype: 'float64' })), DTypeError, 'assign_', /float64 into float32/);
  assert.equal(x.storage.version, 0);
});

test('detach shares the values and drops the graph', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = exp(x);
  const z = y.detach();
  assert.equal(z.storage, y.storage);
  assert.deepEqual([z.requiresGrad, z.node, z.isLeaf, y.isLeaf], [false, null, true, false]);
});

test('requiresGrad is for floating leaves', () => {
  for (const x of [tensor([1], { dtype: 'int32' }), tensor([true])])
    assertRefuses(
      () => {
        x.requiresGrad = true;
      },
      DTypeError,
      'requiresGrad',
      /no gradient/,
    );
  const x = tensor([1]);
  x.requiresGrad = true;
  const y = mul(x, 2);
  assert.ok(y.requiresGrad);
  assertRefuses(
    () => {
      y.requiresGrad = false;
    },
    GradError,
    'requiresGrad',
    /detach/,
  );
  x.requiresGrad = false;
  assert.ok(!mul(x, 2).requiresGrad);
});

test('a tensor is an object of one class, with its gradient empty at first', () => {
  const x = tensor([1]);
  assert.ok(x instanceof Tensor);
  assert.equal(x.grad, null);
});
