import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cast, type DType, DTypeError, grad, sum, tensor } from '../../../src/index.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(cast, { attrs: ['float64'] });

test('cast: values by hand', () => {
  const x = tensor([-1.9, -0.5, 0, 0.1, 2.7], { dtype: 'float64' });
  assertHolds(cast(x, 'int32'), [-1, 0, 0, 0, 2]);
  assertHolds(cast(x, 'bool'), [true, true, false, true, true]);
  assertHolds(cast(x, 'float32'), [...x.data].map(Math.fround));
  assertHolds(cast(tensor([true, false]), 'float64'), [1, 0]);
  assertHolds(cast(tensor([3], { dtype: 'int32' }), 'bool'), [true]);
  assertHolds(cast(tensor([1e300, Number.NaN], { dtype: 'float64' }), 'float32'), [Infinity, Number.NaN]);
});

test('gradients pass between floating dtypes, and end at the others', () => {
  const x = tensor([1.5, 2], { dtype: 'float64', requiresGrad: true });
  const [dx] = grad(sum(cast(x, 'float32')), [x]);
  assertHolds(dx, [1, 1]);
  assert.equal(dx.dtype, 'float64');
  for (const dtype of ['int32', 'bool'] as const) {
    const y = cast(x, dtype);
    assert.ok(!y.requiresGrad && y.node === null);
  }
  const same = cast(x, 'float64');
  assert.ok(same.requiresGrad && same !== x);
});

test('an unknown dtype is refused by name', () => {
  assertRefuses(() => cast(tensor([1]), 'float16' as DType), DTypeError, 'cast', /no dtype 'float16'/);
});
