import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** Which end of the order comes first, and how much of it is wanted. */
export interface SortSettings {
  /** Length of the result: at most that of the last axis. */
  readonly count: number;
  readonly descending: boolean;
}

/** Up to this many are inserted one by one into a list of the best so far, which seldom changes; more are sorted whole. */
const few = 64;

/** Put the places in `order` in rising order of their keys; equal keys stay as they are. */
function mergeSort(order: Int32Array, spare: Int32Array, keys: Float64Array): void {
  const { length } = order;
  let [from, to] = [order, spare];
  for (let width = 1; width < length; width *= 2) {
    for (let low = 0; low < length; low += 2 * width) {
      const middle = Math.min(low + width, length);
      const high = Math.min(low + 2 * width, length);
      for (let i = low, j = middle, at = low; at < high; at++)
        to[at] = j >= high || (i < middle && !(keys[from[j]] < keys[from[i]])) ? from[i++] : from[j++];
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from.subarray(0, length));
}

/** Bring the `count` smallest keys to the front of `order`, rising, equal ones as they were. */
function selectFew(order: Int32Array, count: number, keys: Float64Array): void {
  let size = 0;
  for (let i = 0; i < order.length; i++) {
    const place = order[i];
    const key = keys[place];
    if (size === count && !(key < keys[order[size - 1]])) continue;
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (key < keys[order[middle]]) high = middle;
      else low = middle + 1;
    }
    if (size < count) size++;
    order.copyWithin(low + 1, low, size - 1);
    order[low] = place;
  }
}

/**
 * The last axis in order, and where each entry was (int32). NaN is larger than every number; equal entries, 0 and −0 among
 * them, keep their order.
 */
export const sortKernel: Kernel<readonly [Tensor], SortSettings, readonly [Spec, Spec]> = defineKernel({
  name: 'sort',
  infer: ([x], { count }: SortSettings): readonly [Spec, Spec] => {
    const shape = [...x.shape.slice(0, -1), count];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  cpu([values, index], [x], { count, descending }) {
    const n = x.shape[x.rank - 1];
    if (count === 0) return;
    const [keys, order, spare] = [new Float64Array(n), new Int32Array(n), new Int32Array(n)];
    for (let from = 0, to = 0; from < x.data.length; from += n, to += count) {
      let [numbers, nans] = [0, 0];
      for (let i = 0; i < n; i++) {
        const v = x.data[from + i];
        keys[i] = descending ? -v : v;
        if (Number.isNaN(v)) spare[nans++] = i;
        else order[numbers++] = i;
      }
      const head = descending ? nans : 0;
      order.copyWithin(head, 0, numbers);
      order.set(spare.subarray(0, nans), descending ? 0 : numbers);
      const wanted = Math.min(count - head, numbers);
      const rest = order.subarray(head, head + numbers);
      if (wanted > few) mergeSort(rest, spare, keys);
      else if (wanted > 0) selectFew(rest, wanted, keys);
      for (let i = 0; i < count; i++) {
        index.data[to + i] = order[i];
        values.data[to + i] = x.data[from + order[i]];
      }
    }
  },
});
