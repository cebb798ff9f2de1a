import { tensor } from './create.ts';
import type { Data } from './dtype.ts';
import { DomainError, DTypeError, type Shape, ShapeError } from './errors.ts';
import type { Storage } from './storage.ts';
import type { Tensor } from './tensor.ts';

/** Where the entries of a sparse matrix stand, row by row: those of row i are indptr[i] … indptr[i + 1] − 1 of `indices`, their columns. */
export interface Pattern {
  /** [rows + 1] int32, rising from 0 to the number of entries. */
  readonly indptr: Tensor;
  /** [entries] int32, in 0..columns−1. */
  readonly indices: Tensor;
}

/** Refuse a number of the pattern; only errors format anything. */
const refuse = (op: string, why: string, shapes: readonly Shape[]): never => {
  throw new DomainError(op, why, shapes);
};

/** What was looked at when a pattern was found good. */
interface Found {
  readonly rows: Storage;
  readonly columns: number;
  /** Versions, offsets and sizes of both tensors. */
  readonly state: readonly number[];
}

/** Patterns that were found good, by the buffer of their columns. A product of theirs takes no longer than looking at them again. */
const found = new WeakMap<Storage, Found>();

const stateOf = (...tensors: readonly Tensor[]): readonly number[] =>
  tensors.flatMap(({ storage, offset, size }) => [storage.version, offset, size]);

function isKnown({ storage: rows }: Tensor, { storage }: Tensor, columns: number, state: readonly number[]): boolean {
  const known = found.get(storage);
  return (
    known !== undefined &&
    known.rows === rows &&
    known.columns <= columns &&
    known.state.every((n, i) => n === state[i])
  );
}

/**
 * @throws ShapeError unless both are vectors and the first has an element; DTypeError unless both are int32; DomainError when
 * rows do not follow each other from 0 to the end, or a column is not in 0..columns−1
 */
export function checkPattern(op: string, indptr: Tensor, indices: Tensor, columns: number): void {
  const shapes = [indptr.shape, indices.shape];
  if (indptr.rank !== 1 || indices.rank !== 1 || indptr.size === 0)
    throw new ShapeError(op, 'indptr is [rows + 1] and indices is [entries]', shapes);
  if (indptr.dtype !== 'int32' || indices.dtype !== 'int32')
    throw new DTypeError(op, `indptr and indices are int32, got ${indptr.dtype} and ${indices.dtype}`);
  if (!indptr.onHost || !indices.onHost) return;
  const [starts, places] = [indptr.data, indices.data];
  const state = stateOf(indptr, indices);
  if (isKnown(indptr, indices, columns, state)) return;
  const last = starts.length - 1;
  if (starts[0] !== 0 || starts[last] !== places.length)
    refuse(op, `indptr goes from 0 to ${places.length}, got ${starts[0]} to ${starts[last]}`, shapes);
  for (let i = 0; i < last; i++)
    if (starts[i] > starts[i + 1]) refuse(op, `indptr falls from ${starts[i]} to ${starts[i + 1]} at row ${i}`, shapes);
  for (let e = 0; e < places.length; e++)
    if (places[e] < 0 || places[e] >= columns)
      refuse(op, `column ${places[e]} of entry ${e} is not in 0..${columns - 1}`, shapes);
  found.set(indices.storage, { rows: indptr.storage, columns, state });
}

/** Where runs of equal keys begin when the keys 0..n−1 are in order: n + 1 numbers. */
function startsOf(keys: Data, n: number): Int32Array {
  const starts = new Int32Array(n + 1);
  for (let i = 0; i < keys.length; i++) starts[keys[i] + 1]++;
  for (let k = 0; k < n; k++) starts[k + 1] += starts[k];
  return starts;
}

/** `order` rearranged so that its keys rise, equal ones staying as they were: a counting sort. */
function sortedBy(keys: Data, n: number, order: Int32Array): Int32Array {
  const next = startsOf(keys, n);
  const sorted = new Int32Array(order.length);
  for (const at of order) sorted[next[keys[at]]++] = at;
  return sorted;
}

const whole = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** The row of every entry. */
export function rowsOf({ indptr, indices }: Pattern): Int32Array {
  const rows = new Int32Array(indices.size);
  const starts = indptr.data;
  for (let i = 0; i < starts.length - 1; i++) rows.fill(i, starts[i], starts[i + 1]);
  return rows;
}

/**
 * The pattern of pairs (row, column) in any order, each pair once, and for every pair given the number of its entry. All numbers
 * are inside the shape.
 */
export function patternOf(
  rows: Data,
  columns: Data,
  [m, n]: readonly [number, number],
): Pattern & { readonly entry: Tensor } {
  const order = sortedBy(rows, m, sortedBy(columns, n, whole(rows.length)));
  const entry = new Int32Array(rows.length);
  const [firstRows, firstColumns]: number[][] = [[], []];
  for (const [i, at] of order.entries()) {
    const before = order[i - 1];
    if (i === 0 || rows[at] !== rows[before] || columns[at] !== columns[before]) {
      firstRows.push(rows[at]);
      firstColumns.push(columns[at]);
    }
    entry[at] = firstRows.length - 1;
  }
  const indptr = startsOf(Int32Array.from(firstRows), m);
  return { indptr: tensor(indptr), indices: tensor(Int32Array.from(firstColumns)), entry: tensor(entry) };
}

/** The pattern of the transpose, and for each of its entries the number of the entry it was. */
export function transposedPattern(pattern: Pattern, columns: number): Pattern & { readonly order: Tensor } {
  const places = pattern.indices.data;
  const rows = rowsOf(pattern);
  const order = sortedBy(places, columns, whole(places.length));
  const indices = order.map((at) => rows[at]);
  return { indptr: tensor(startsOf(places, columns)), indices: tensor(indices), order: tensor(order) };
}
