import { tensor } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** What stands in a target where there is none: `crossEntropy` ignores it. */
export const ignored = -100;

/** Rows of unequal length as int32 [rows, longest], filled up at the end. */
export function padded(rows: readonly Int32Array[], fill: number): Tensor {
  const width = longest(rows);
  const values = new Int32Array(rows.length * width).fill(fill);
  for (const [i, row] of rows.entries()) values.set(row, i * width);
  return tensor(values, { dtype: 'int32', shape: [rows.length, width] });
}

/** bool [rows, longest]: where `padded` put values of the rows. */
export function paddingMask(rows: readonly Int32Array[]): Tensor {
  const width = longest(rows);
  const values = new Uint8Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.fill(1, i * width, i * width + row.length);
  return tensor(values, { dtype: 'bool', shape: [rows.length, width] });
}

/** The length of the longest row. */
const longest = (rows: readonly Int32Array[]): number => rows.reduce((most, { length }) => Math.max(most, length), 0);
