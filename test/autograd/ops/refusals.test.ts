/** Arguments that fit nothing: a shape function gives tensors, or raises an error of this library that names it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flip, roll } from '../../../src/autograd/ops/flip.ts';
import { gather, indexAdd, indexSelect, scatterAdd, takeAlongAxis } from '../../../src/autograd/ops/gather.ts';
import {
  flatten,
  moveAxis,
  permute,
  reshape,
  squeeze,
  transpose,
  unsqueeze,
} from '../../../src/autograd/ops/layout.ts';
import { maskedFill } from '../../../src/autograd/ops/maskedFill.ts';
import { repeat, repeatInterleave } from '../../../src/autograd/ops/repeat.ts';
import { concat, pad, place, slice, stack } from '../../../src/autograd/ops/slice.ts';
import { argsort, sort, topk } from '../../../src/autograd/ops/sort.ts';
import { chunk, split, unbind } from '../../../src/autograd/ops/split.ts';
import { diag, diagEmbed, diagonal, tril, triu } from '../../../src/autograd/ops/triangle.ts';
import { meta, ones, Tensor, TensorError, tensor, zeros } from '../../../src/index.ts';

const odd: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[undefined, null, true, 'x', '1', '', Number.NaN, Infinity, -0, 0.5, -1, 0, 1, 2, 7, -(2 ** 53), 1e300],
  ...[
    [],
    [0],
    [1, 0],
    [0, 0],
    [-1],
    [0.5],
    [Number.NaN],
    ['0'],
    [null],
    [[0, 1]],
    [
      [1, 1],
      [0, -1],
    ],
    [null, [0, 2, -1]],
  ],
  ...[{}, { axis: 0 }, { axis: -2 }, { axis: Number.NaN }, { axis: '0' }, { axis: [0] }, { dim: 1 }, { offset: 0.5 }],
  ...[
    { offset: -1 },
    { axes: 0 },
    { axes: [1, 0] },
    { size: 1 },
    { size: [1, 1] },
    { size: -1 },
    { chunks: 2, axis: 5 },
  ],
  ...[{ shift: [1], axis: 1 }, { shift: Number.NaN }, { repeats: 2 }, { repeats: -1 }, { k: 1 }, { k: 9 }, { k: '1' }],
  ...[{ width: 1 }, { width: [[1, 1]], mode: 'odd' }, { width: [[1], [1]] }, { start: [0], shape: [4] }, { start: 0 }],
  ...[
    { start: [0, 0], shape: [9, 9], step: [2, 0] },
    { start: [1, 1], shape: [4, 4], step: [1, 1], value: 'x' },
  ],
  () => 0,
);
const operands: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[zeros([2, 3]), ones([2, 3], { dtype: 'float64' }), zeros([3]), tensor(1), zeros([0, 2]), tensor([[true, false]])],
  ...[tensor([1, 0], { dtype: 'int32' }), tensor([[0, 5]], { dtype: 'int32' }), zeros([2, 3], { dtype: 'int32' })],
  zeros([2, 3], { device: meta }),
);

const functions: readonly ((...args: never[]) => unknown)[] = [
  ...[argsort, chunk, concat, diag, diagEmbed, diagonal, flatten, flip, gather, indexAdd, indexSelect, maskedFill],
  ...[moveAxis, pad, permute, place, repeat, repeatInterleave, reshape, roll, scatterAdd, slice, sort, split, squeeze],
  ...[stack, takeAlongAxis, topk, transpose, tril, triu, unbind, unsqueeze],
];

const areTensors = (y: unknown): boolean =>
  y instanceof Tensor
    ? y.shape.every((n) => Number.isSafeInteger(n) && n >= 0) && (y.device === meta || y.data.length === y.size)
    : Array.isArray(y) && y.every(areTensors);

for (const fn of functions)
  test(`${fn.name}: arguments that fit nothing raise a TensorError that names it`, () => {
    const argument = fc.oneof({ arbitrary: operands, weight: 2 }, odd, fc.array(operands, { maxLength: 2 }));
    const first = fc.oneof({ arbitrary: operands, weight: 4 }, argument);
    const args = fc.tuple(first, fc.array(argument, { maxLength: 3 }));
    const holds = ([x, rest]: [unknown, unknown[]]): void => {
      try {
        assert.ok(areTensors(fn(...([x, ...rest] as never[]))), 'neither tensors nor an error');
      } catch (error) {
        if (!(error instanceof TensorError)) throw error;
        assert.equal(error.op, fn.name, error.message);
      }
    };
    fc.assert(fc.property(args, holds), { numRuns: 400 });
  });
