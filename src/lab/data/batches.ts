import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';

/**
 * Index batches without end: each epoch is a new random order of 0..count−1 cut into batches of `batchSize`. The
 * incomplete batch at the end of an epoch is dropped, so all batches are equally large; which examples are left out
 * changes from epoch to epoch.
 * @throws DomainError unless 1 <= batchSize <= count, both whole.
 */
export function batches(count: number, batchSize: number, rng: Rng): Generator<Int32Array, never, void> {
  if (!Number.isInteger(count) || !Number.isInteger(batchSize) || batchSize < 1 || batchSize > count)
    throw new DomainError('batches', `batchSize is a whole number in 1..${count}, got ${batchSize}`);
  return endless(count, batchSize, rng);
}

function* endless(count: number, batchSize: number, rng: Rng): Generator<Int32Array, never, void> {
  for (;;) {
    const order = rng.permutation(count);
    for (let start = 0; start + batchSize <= count; start += batchSize) yield order.subarray(start, start + batchSize);
  }
}

/**
 * Copies the rows `indices` of a matrix [n, features], kept flat, to a matrix [indices.length, features]. With
 * `features` 1 it picks labels.
 * @param out where to write, of exactly that size; a new array if not given.
 * @throws DomainError when an index is no row, or `out` has another size.
 */
export function takeRows<T extends Float32Array | Int32Array>(
  rows: T,
  features: number,
  indices: Int32Array,
  out?: T,
): T {
  const size = indices.length * features;
  const target = out ?? ((rows instanceof Int32Array ? new Int32Array(size) : new Float32Array(size)) as T);
  if (target.length !== size)
    throw new DomainError(
      'takeRows',
      `out holds ${size} numbers (${indices.length} rows of ${features}), got ${target.length}`,
    );
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * features;
    if (start < 0 || start + features > rows.length)
      throw new DomainError('takeRows', `indices are in 0..${rows.length / features - 1}, got ${indices[i]}`);
    target.set(rows.subarray(start, start + features), i * features);
  }
  return target;
}
