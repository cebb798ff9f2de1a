import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { embedding } from '../../../src/autograd/ops/embedding.ts';
import { DomainError, DTypeError, grad, meta, mul, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import { shapes, tensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { indexOf } from '../../harness/indices.ts';
import { checkOp } from '../../harness/op.ts';

const calls = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3), shapes({ maxRank: 2, minSize: 1 }))
  .chain(([v, d, shape]) => fc.tuple(tensors([v, d]), indexOf(shape, v)));
checkOp(embedding, { inputs: calls.map((inputs) => ({ inputs, attrs: {} })) });

const indices = tensor([0, 2, 0], { dtype: 'int32' });

test('embedding picks rows; the gradient adds up where a row was read twice', () => {
  const weight = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  const y = embedding(weight, indices);
  assertHolds(y, [
    [1, 2],
    [5, 6],
    [1, 2],
  ]);
  const w = tensor([[1], [10], [100]]);
  assertHolds(grad(sum(mul(y, w)), [weight])[0], [
    [101, 101],
    [0, 0],
    [10, 10],
  ]);
  assertHolds(embedding(weight, tensor(1, { dtype: 'int32' })), [3, 4]);
});

test('the padding row is read like any other, and gets no gradient', () => {
  for (const paddingIndex of [0, -3]) {
    const weight = tensor([1, 2, 3], { shape: [3, 1], requiresGrad: true });
    const y = embedding(weight, indices, { paddingIndex });
    assertHolds(y, [[1], [3], [1]]);
    const [g] = grad(sum(y), [weight], { createGraph: true });
    assertHolds(g, [[0], [0], [1]]);
  }
});

test('embedding refuses what is not a row, by name', () => {
  const weight = zeros([3, 2]);
  for (const bad of [-1, 3])
    assertRefuses(
      () => embedding(weight, tensor([0, bad], { dtype: 'int32' })),
      DomainError,
      'embedding',
      /index -?\d/,
    );
  for (const paddingIndex of [3, -4, 0.5, Number.NaN])
    assertRefuses(() => embedding(weight, indices, { paddingIndex }), DomainError, 'embedding', /paddingIndex/);
  assertRefuses(() => embedding(zeros([3]), indices), ShapeError, 'embedding');
  assertRefuses(() => embedding(weight, tensor([0, 1])), DTypeError, 'embedding', /int32/);
  assertRefuses(() => embedding(zeros([0, 2]), indices), DomainError, 'embedding');
  assert.deepEqual(embedding(zeros([0, 2]), zeros([0], { dtype: 'int32' })).shape, [0, 2]);
  const shadow = embedding(zeros([3, 2], { device: meta }), zeros([4, 5], { dtype: 'int32', device: meta }));
  assert.deepEqual(shadow.shape, [4, 5, 2]);
  survives('embedding', embedding, anyOperand, anyOperand, anyOptions('paddingIndex'));
});
