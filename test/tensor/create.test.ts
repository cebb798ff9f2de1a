import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocations,
  arange,
  type Data,
  DomainError,
  DTypeError,
  eye,
  full,
  linspace,
  meta,
  ones,
  Rng,
  rand,
  randn,
  ShapeError,
  type TensorLike,
  tensor,
  zeros,
} from '../../src/index.ts';
import { anyTensors } from '../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';

test('nested arrays give the shape; toArray gives them back', () => {
  fc.assert(
    fc.property(anyTensors(), (x) => {
      const again = tensor(x.toArray(), { dtype: 'float64', shape: x.shape });
      assertSame(again, x, 'round trip');
      if (x.size > 0) assert.deepEqual(tensor(x.toArray()).shape, x.shape);
    }),
  );
  assert.deepEqual(tensor(5).shape, []);
  assert.deepEqual(tensor([]).shape, [0]);
  assert.deepEqual(tensor([[], []]).shape, [2, 0]);
  assert.deepEqual(tensor([[[1], [2]]]).shape, [1, 2, 1]);
});

test('the dtype: float32 for numbers, bool for booleans, its own for a typed array, or as told', () => {
  assert.equal(tensor([1]).dtype, 'float32');
  assert.equal(tensor([]).dtype, 'float32');
  assert.equal(tensor([[true], [false]]).dtype, 'bool');
  for (const [data, dtype] of [
    [new Float32Array(2), 'float32'],
    [new Float64Array(2), 'float64'],
    [new Int32Array(2), 'int32'],
    [new Uint8Array(2), 'bool'],
  ] as const) {
    assert.equal(tensor(data).dtype, dtype);
    assert.equal(tensor(data, { dtype: 'float64' }).dtype, 'float64');
    assert.equal(tensor(data).data.constructor, data.constructor);
  }
  assertHolds(tensor(new Uint8Array([0, 255]), { dtype: 'float32' }), [0, 255]);
  assertHolds(tensor([true, false], { dtype: 'int32' }), [1, 0]);
});

test('creation copies what it is given', () => {
  const data = new Float32Array([1, 2, 3, 4]);
  const shape = [2, 2];
  const x = tensor(data, { shape });
  data.fill(9);
  shape[0] = 9;
  assertHolds(x, [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(x.shape, [2, 2]);
});

test('ragged rows and wrong sizes are refused', () => {
  for (const ragged of [
    [[1, 2], [3]],
    [1, [2]],
    [[1], 2],
    [[[1], [2]], [[3]]],
    [
      [1, 2],
      [3, [4]],
    ],
    [[], [1]],
  ])
    assertRefuses(() => tensor(ragged as TensorLike), ShapeError, 'tensor', /rows differ/);
  assertRefuses(() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError, 'tensor', /differ in size/);
  assertRefuses(() => tensor([1], { shape: [-1] }), DomainError, 'tensor');
  assertHolds(
    tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { shape: [4] },
    ),
    [1, 2, 3, 4],
  );
});

test('a value that its dtype cannot hold is refused under the name that was called', () => {
  for (const bad of [0.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN, Infinity])
    assertRefuses(() => tensor([bad], { dtype: 'int32' }), DTypeError, 'tensor', /is not an int32/);
  assertHolds(tensor([2 ** 31 - 1, -(2 ** 31)], { dtype: 'int32' }), [2 ** 31 - 1, -(2 ** 31)]);
  assertRefuses(() => tensor([2], { dtype: 'bool' }), DTypeError, 'tensor', /neither 0 nor 1/);
  assertRefuses(() => full([2], 0.5, { dtype: 'int32' }), DTypeError, 'full', /int32/);
  assertRefuses(() => linspace(0, 1, 3, { dtype: 'int32' }), DTypeError, 'linspace', /int32/);
  for (const bad of [undefined, null, 'a', {}, 1n, [undefined], ['1'], new BigInt64Array(1)])
    assertRefuses(() => tensor(bad as unknown as TensorLike), DTypeError, 'tensor', /numbers or booleans/);
});

test('only floating tensors can require a gradient', () => {
  assert.ok(tensor([1], { requiresGrad: true }).requiresGrad);
  assert.ok(!tensor([1]).requiresGrad);
  for (const dtype of ['int32', 'bool'] as const)
    assertRefuses(() => zeros([1], { dtype, requiresGrad: true }), DTypeError, 'zeros', /no gradient/);
});

test('zeros, ones, full and eye', () => {
  assertHolds(zeros([2, 1]), [[0], [0]]);
  assertHolds(ones([2], { dtype: 'int32' }), [1, 1]);
  assertHolds(ones([1], { dtype: 'bool' }), [true]);
  assertHolds(full([], 7), 7);
  assertHolds(full([2], Number.NaN), [Number.NaN, Number.NaN]);
  assertHolds(eye(2), [
    [1, 0],
    [0, 1],
  ]);
  assertHolds(eye(2, 3, { dtype: 'bool' }), [
    [true, false, false],
    [false, true, false],
  ]);
  assert.deepEqual(eye(0).shape, [0, 0]);
  assert.deepEqual(zeros([3, 0]).data.length, 0);
  for (const make of [zeros, ones]) assertRefuses(() => make([1.5]), DomainError, make === zeros ? 'zeros' : 'ones');
});

test('arange counts up to but without its end, linspace includes it', () => {
  assertHolds(arange(4), [0, 1, 2, 3]);
  assertHolds(arange(2, 5), [2, 3, 4]);
  assertHolds(arange(5, 0, -2), [5, 3, 1]);
  assertHolds(arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75]);
  assertHolds(arange(3, 3), []);
  assertHolds(arange(-2), []);
  assertHolds(linspace(-1, 1, 5), [-1, -0.5, 0, 0.5, 1]);
  assertHolds(linspace(3, 9, 1), [3]);
  assertHolds(linspace(3, 9, 0), []);
  assert.equal(linspace(0, 0.7, 8, { dtype: 'float64' }).data[7], 0.7);
  assertRefuses(() => arange(0, 1, 0), DomainError, 'arange');
  assertRefuses(() => arange(Infinity), DomainError, 'arange');
  assertRefuses(() => linspace(0, Number.NaN, 3), DomainError, 'linspace');
  for (const n of [-1, 2.5]) assertRefuses(() => linspace(0, 1, n), DomainError, 'linspace');
});

test('random tensors come from the stream they are given, in order', () => {
  const rng = new Rng(3);
  assertHolds(rand([2, 2], new Rng(3), { dtype: 'float64' }), [
    [rng.uniform(), rng.uniform()],
    [rng.uniform(), rng.uniform()],
  ]);
  const normal = new Rng(3);
  assertHolds(randn([2], new Rng(3), { dtype: 'float64' }), [normal.normal(), normal.normal()]);
});

test('rand stays below 1 in float32, where rounding would reach it', () => {
  const almostOne = Rng.from([0, 0x831c71c7, 0, 0]);
  const seen = Rng.from(almostOne.state).uniform();
  if (Math.fround(seen) < 1) assert.fail(`the state no longer draws a number next to 1 but ${seen}`);
  assert.ok(rand([1], almostOne).item() < 1);
});

test('every buffer is counted once, and meta tensors need none', () => {
  const before = allocations();
  const x = zeros([3, 4], { dtype: 'float64' });
  const after = allocations();
  assert.deepEqual([after.count - before.count, after.bytes - before.bytes], [1, 96]);
  assert.equal(x.bytes, 96);
  const shadow = zeros([2 ** 20, 2 ** 20], { device: meta });
  assert.deepEqual(allocations(), after);
  assert.equal(shadow.size, 2 ** 40);
  tensor(new Float32Array(4) as Data, { device: meta });
  assert.deepEqual(allocations(), after);
});
