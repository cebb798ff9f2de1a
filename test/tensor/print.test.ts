import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arange, meta, reshape, tensor, zeros } from '../../src/index.ts';
import { anyTensors } from '../harness/arbitraries.ts';

test('a tensor prints as its values, shape and dtype', () => {
  assert.equal(String(tensor(Math.PI)), 'tensor(3.142, [], float32)');
  assert.equal(String(tensor([1, 2.5, -3])), 'tensor([1, 2.5, -3], [3], float32)');
  assert.equal(`${tensor([1, 2], { requiresGrad: true })}`, 'tensor([1, 2], [2], float32, requiresGrad)');
  assert.equal(String(tensor([true, false])), 'tensor([true, false], [2], bool)');
});

test('columns are aligned, one line for a row, a blank line between matrices', () => {
  const lines = (...text: string[]): string => text.join('\n');
  assert.equal(
    String(
      tensor([
        [1, 2.5],
        [-300, 4],
      ]),
    ),
    lines('tensor([[   1,  2.5],', '        [-300,    4]], [2, 2], float32)'),
  );
  assert.equal(
    String(
      tensor([
        [true, false],
        [false, false],
      ]),
    ),
    lines('tensor([[ true, false],', '        [false, false]], [2, 2], bool)'),
  );
  assert.equal(
    String(reshape(arange(8), [2, 2, 2])),
    lines('tensor([[[0, 1],', '         [2, 3]],', '', '        [[4, 5],', '         [6, 7]]], [2, 2, 2], float32)'),
  );
});

test('long axes show three elements at either end', () => {
  assert.equal(String(arange(300)), 'tensor([0, 1, 2, …, 297, 298, 299], [300], float32)');
  const wide = String(reshape(arange(600), [20, 30]));
  assert.equal(wide.split('\n').length, 7);
  assert.ok(wide.includes('[  0,   1,   2, …,  27,  28,  29]') && wide.includes('\n        …,\n'));
  assert.ok(!String(arange(200)).includes('…'));
});

test('empty tensors and tensors without values print too', () => {
  assert.equal(String(zeros([0])), 'tensor([], [0], float32)');
  assert.equal(String(zeros([0, 3])), 'tensor([], [0, 3], float32)');
  assert.equal(String(zeros([2, 0])), 'tensor([[],\n        []], [2, 0], float32)');
  assert.equal(String(zeros([2, 3], { device: meta })), 'tensor(meta, [2, 3], float32)');
});

test('four significant digits; whole numbers below 1e7 in full, int32 always', () => {
  const numbers = tensor([123.456, 1e-10, 9999999, 12345678, 1e20, -0, Number.NaN, -Infinity], { dtype: 'float64' });
  assert.equal(String(numbers), 'tensor([123.5, 1e-10, 9999999, 1.235e+7, 1e+20, -0, NaN, -Infinity], [8], float64)');
  assert.equal(String(tensor([12345678], { dtype: 'int32' })), 'tensor([12345678], [1], int32)');
});

test('a tensor of any shape prints on as many lines as it has rows and gaps, and ends with its shape', () => {
  fc.assert(
    fc.property(anyTensors(), (x) => {
      const text = String(x);
      assert.ok(text.startsWith('tensor(') && text.endsWith(`[${x.shape.join(', ')}], float64)`), text);
      const rows = x.shape.slice(0, -1).reduce((n, m) => n * m, 1);
      const filled = text.split('\n').filter((line) => line.trim() !== '');
      if (x.size > 0) assert.equal(filled.length, rows);
    }),
  );
});

test('a tensor with very many short axes prints without overflowing the stack', () => {
  assert.ok(String(zeros(Array.from({ length: 17 }, () => 2))).length > 2 ** 17);
});
