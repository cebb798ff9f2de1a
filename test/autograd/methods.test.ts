import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as core from '../../src/index.ts';
import { Tensor, tensor } from '../../src/index.ts';
import { assertHolds, assertSame } from '../harness/compare.ts';

/** Methods that take only the tensor. */
const plain = [
  'abs',
  'argmax',
  'erf',
  'exp',
  'gelu',
  'log',
  'logSoftmax',
  'max',
  'mean',
  'neg',
  'relu',
  'sigmoid',
  'sign',
  'softmax',
  'sqrt',
  'square',
  'sum',
  'tanh',
  'transpose',
] as const;

const functions = new Map<string, unknown>(Object.entries(core));
const call = (name: string, ...args: readonly unknown[]): Tensor =>
  (functions.get(name) as (...rest: readonly unknown[]) => Tensor)(...args);

test('a method is the function with the tensor put first', () => {
  const x = tensor([
    [1, 2.5],
    [3, 0.5],
  ]);
  for (const name of plain) assertSame(x[name](), call(name, x), name);
  for (const name of ['add', 'sub', 'mul', 'div', 'equal', 'greater', 'less', 'matmul'] as const)
    assertSame(x[name](x), call(name, x, x), name);
  assertSame(x.sum({ axis: 1 }), core.sum(x, { axis: 1 }), 'sum');
  assertSame(x.matmul(x, { transB: true }), core.matmul(x, x, { transB: true }), 'matmul');
  assertSame(x.reshape([4]), core.reshape(x, [4]), 'reshape');
  assertSame(x.permute([1, 0]), core.permute(x, [1, 0]), 'permute');
  assertSame(x.expand([2, 2, 2]), core.expand(x, [2, 2, 2]), 'expand');
  assertSame(x.slice([0]), core.slice(x, [0]), 'slice');
  assertSame(x.cast('bool'), core.cast(x, 'bool'), 'cast');
  assertSame(x.transpose(0, 1), core.transpose(x, 0, 1), 'transpose');
});

test('methods chain, take numbers, and are recorded', () => {
  const x = tensor([[1, -2]], { requiresGrad: true });
  const w = tensor([
    [1, 3],
    [1, 1],
  ]);
  const y = x.matmul(w).add(1).relu().mul(2).sum();
  assertHolds(y, 4);
  y.backward();
  assertHolds(x.grad as Tensor, [[6, 2]]);
});

test('methods are not listed among the fields of a tensor', () => {
  const keys = Object.keys(tensor([1]));
  for (const name of plain) assert.ok(!keys.includes(name));
  const listed: string[] = [];
  for (const key in tensor([1])) listed.push(key);
  assert.ok(!listed.includes('matmul'));
  assert.equal(typeof Tensor.prototype.matmul, 'function');
});
