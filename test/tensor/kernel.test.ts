import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocations, DeviceError, meta, Tensor, tensor, zeros } from '../../src/index.ts';
import type { Device } from '../../src/tensor/device.ts';
import { defineKernel, fallbacks, type Overlaid, type Spec } from '../../src/tensor/kernel.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const twice = defineKernel({
  name: 'twice',
  infer: ([x]: readonly [Tensor]): Spec => x,
  cpu([y], [x], k: number) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = k * x.data[i];
  },
});

const halves = defineKernel({
  name: 'halves',
  infer: ([x]: readonly [Tensor], at: number): readonly [Spec, Spec] => [
    { shape: [at], dtype: x.dtype },
    { shape: [x.size - at], dtype: 'int32' },
  ],
  cpu([low, high], [x], at) {
    low.data.set(x.data.subarray(0, at));
    high.data.set(x.data.subarray(at));
  },
});

test('a kernel allocates what it infers and fills it; one spec gives one tensor, a list as many', () => {
  const before = allocations().count;
  assertHolds(twice([tensor([1, 2])], 3), [3, 6]);
  const [low, high] = halves([tensor([1, 2, 3])], 1);
  assertHolds(low, [1]);
  assertHolds(high, [2, 3]);
  assert.equal(high.dtype, 'int32');
  assert.equal(allocations().count - before, 5);
});

test('a device lays its own implementation over the definition, by name, for the calls that it accepts', () => {
  const shifted: Overlaid<readonly [Tensor], number> = {
    accepts: (_, times) => times !== 3,
    run([y], [x], times) {
      if (times === 4) return false;
      y.data.set(x.data.map((v) => v + 100));
      return true;
    },
  };
  const device: Device = { name: 'toy', hasData: true, overlay: new Map([['twice', shifted as unknown as Overlaid]]) };
  const x = Tensor.allocate([2], 'float32', device);
  const y = twice([x], 2);
  assertHolds(y, [100, 100]);
  assert.equal(y.device, device);
  assertHolds(twice([x], 3), [0, 0]);
  assertHolds(halves([x], 1)[0], [0]);
  const before = fallbacks.get('twice') ?? 0;
  assertHolds(twice([x], 4), [0, 0]);
  assert.equal(fallbacks.get('twice'), before + 1);
});

test('on meta only the shapes are computed', () => {
  const before = allocations();
  const y = twice([zeros([2, 3], { device: meta })], 2);
  assert.deepEqual([y.shape, y.dtype, y.device.name], [[2, 3], 'float32', 'meta']);
  assert.deepEqual(allocations(), before);
});

test('operands of two devices are refused by name', () => {
  const add = defineKernel({ name: 'plus', infer: ([x]: readonly [Tensor, Tensor]): Spec => x, cpu: () => {} });
  assertRefuses(
    () => add([zeros([2]), zeros([2], { device: meta })], undefined),
    DeviceError,
    'plus',
    /cpu and meta, got \[2\] · \[2\]/,
  );
});
