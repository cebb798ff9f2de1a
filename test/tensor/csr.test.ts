import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scope, type Tensor, tensor } from '../../src/index.ts';
import { checkPattern } from '../../src/tensor/csr.ts';

const ints = (list: readonly number[]): Tensor => tensor(Int32Array.from(list));
const check = (indptr: Tensor, indices: Tensor, columns: number): void =>
  checkPattern('check', indptr, indices, columns);

test('a pattern that was found good is looked at again when anything about it is another', () => {
  const [indptr, indices] = [ints([0, 1, 3]), ints([2, 0, 1])];
  check(indptr, indices, 3);
  check(indptr, indices, 3);
  check(indptr, indices, 9);
  assert.throws(() => check(indptr, indices, 2), /column 2 of entry 0/, 'fewer columns');
  assert.throws(() => check(ints([0, 4, 3]), indices, 3), /falls from 4 to 3/, 'other rows');
  assert.throws(() => check(indptr.rawView([2]), indices, 3), /from 0 to 3, got 0 to 1/, 'part of the rows');
  assert.throws(() => check(indptr, indices.rawView([2], 1), 3), /from 0 to 2, got 0 to 3/, 'part of the columns');
  indices.assign_(ints([0, 1, 5]));
  assert.throws(() => check(indptr, indices, 3), /column 5 of entry 2/, 'other columns written');
  indices.assign_(ints([0, 1, 2]));
  check(indptr, indices, 3);
  indptr.assign_(ints([0, 4, 3]));
  assert.throws(() => check(indptr, indices, 3), /falls from 4 to 3/, 'other rows written');
});

test('a pattern whose scope has ended is refused', () => {
  let gone: readonly [Tensor, Tensor] | null = null;
  scope(() => {
    gone = [ints([0, 1]), ints([0])];
    check(...gone, 1);
  });
  const [indptr, indices] = gone as unknown as readonly [Tensor, Tensor];
  assert.throws(() => check(indptr, indices, 1), { name: 'DisposedError' });
});
