import { tensor } from '../../tensor/create.ts';
import { transposedPattern } from '../../tensor/csr.ts';
import type { GpuArray } from '../../tensor/gpu/held.ts';
import type { Launcher } from '../../tensor/gpu/overlay.ts';
import { divided } from '../../tensor/gpu/text.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Pairs of rows, seen from the rows: where those of each row begin, the number of each end (2·pair + side), and the row at the other end. */
export interface Ends {
  readonly starts: GpuArray;
  readonly ends: GpuArray;
  readonly others: GpuArray;
}

/** Sorted on the host, from the rows at both ends of each pair, side by side: no thread adds to what others write. */
export function endsOf(on: Launcher, rowsAt: Int32Array, rows: number): Ends {
  const pattern = { indptr: tensor(Int32Array.of(0, rowsAt.length)), indices: tensor(rowsAt) };
  const { indptr, order } = transposedPattern(pattern, rows);
  const others = Float32Array.from(order.data, (end) => rowsAt[end ^ 1]);
  return { starts: on.upload(indptr.data), ends: on.upload(order.data), others: on.upload(others) };
}

/** Why the ends cannot be sorted; null when they can. */
export const unseen = (indices: readonly Tensor[]): string | null =>
  indices.every((x) => x.onHost) ? null : 'adds up over rows that the host does not see';

/** Lines of a text of one thread an element of [rows, n]: `term` for each `end` of the thread's `row`, the `other` row and column `k` at hand. */
export const overEnds = (term: string): string => `
  ${divided('row', 'k', 'this.thread.x', 'n')}
  const first = starts[row];
  const count = starts[row + 1] - first;
  let total = 0;
  for (let at = 0; at < count; at++) {
    const end = ends[first + at];
    const other = others[first + at];
    ${term}
  }`;
