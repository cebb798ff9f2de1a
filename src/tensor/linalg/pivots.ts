import type { Blas } from './blas.ts';
import { blockStart, type Reflectors } from './householder.ts';
import { countUp } from './order.ts';

/** The choice of columns in a pivoted QR factorisation. */
export interface Pivots {
  /** Column j of the permuted matrix is column `order[j]` of the given one. */
  readonly order: Int32Array;
  /** Exchanges column h, and its weight, with the longest of those from h on; false when nothing is left. */
  readonly choose: (h: number, weights: Float64Array) => boolean;
  /** Takes row h of R, of which `weights` is still to be taken out, out of the norms of later columns. */
  readonly downdate: (h: number, f: Reflectors, weights: Float64Array) => void;
}

/** A factorisation ends when no remaining column is longer than this: the rest is zero beside 2^480. */
const rankFloor = 2 ** -440;

/**
 * Pivots by the norms of what is left of the columns, rows of `x`, `ld` apart. Norms are downdated, and recomputed once half their
 * digits are gone.
 * @source Drmač & Bujanović, "On the failure of rank-revealing QR factorization software", 2008 (when to recompute a norm).
 */
export function pivotsOf(blas: Blas, x: Float64Array, count: number, ld: number): Pivots {
  const order = countUp(count);
  const norms = new Float64Array(count);
  for (let j = 0; j < count; j++) norms[j] = Math.sqrt(blas.dot(x, j * ld, x, j * ld, ld));
  const exact = norms.slice();
  return {
    order,
    choose(h, weights) {
      let best = h;
      for (let j = h + 1; j < count; j++) if (norms[j] > norms[best]) best = j;
      if (norms[best] <= rankFloor) return false;
      if (best === h) return true;
      const held = x.slice(h * ld, (h + 1) * ld);
      x.copyWithin(h * ld, best * ld, (best + 1) * ld);
      x.set(held, best * ld);
      for (const list of [order, weights, norms, exact]) {
        const first = list[h];
        list[h] = list[best];
        list[best] = first;
      }
      return true;
    },
    downdate(h, { v }, weights) {
      for (let j = h + 1; j < count; j++) {
        const norm = norms[j];
        if (norm === 0) continue;
        const part = Math.abs(x[j * ld + h] - weights[j]) / norm;
        const left = Math.max(0, 1 - part * part);
        const since = norm / exact[j];
        if (left * since * since > 1.5e-8) norms[j] = norm * Math.sqrt(left);
        else {
          const from = blockStart(h);
          blas.addScaled(-weights[j], v, h * ld + from, x, j * ld + from, ld - from);
          weights[j] = 0;
          exact[j] = norms[j] = tailNorm(blas, x, j * ld, h + 1, ld);
        }
      }
    },
  };
}

/** The norm of the entries from `from` on. */
function tailNorm(blas: Blas, x: Float64Array, at: number, from: number, ld: number): number {
  const start = Math.min(blockStart(from + 7), ld);
  let sum = start < ld ? blas.dot(x, at + start, x, at + start, ld - start) : 0;
  for (let t = at + from; t < at + start; t++) sum += x[t] * x[t];
  return Math.sqrt(sum);
}
