import { type Blas, withBlas } from './blas.ts';
import { addScaled } from './kernels.ts';

/** Which triangle of a matrix counts, and how. */
export interface Triangle {
  /** The upper one, in place of the lower. */
  readonly upper: boolean;
  /** Its transpose is meant. */
  readonly trans: boolean;
  /** The diagonal counts as ones, whatever is stored there. */
  readonly unit: boolean;
}

/** Rows that are solved for together; entries of X up to which all rows are. */
const block = 32;
const few = 4096;

/**
 * Solves T·X = B for a triangular T (n×n, row-major; Tᵀ·X = B with `trans`) by substitution; B (n×k, row-major) becomes X.
 * The other triangle of T is not read. A zero on the diagonal divides as IEEE 754 says.
 */
export function substitute(t: Float64Array, n: number, x: Float64Array, k: number, triangle: Triangle): void {
  if (n <= block || n * k <= few) solveBlock(t, n, x, k, triangle, 0, n);
  else solveBlocks(t, n, x, k, triangle);
}

function solveBlocks(t: Float64Array, n: number, x: Float64Array, k: number, triangle: Triangle): void {
  const { upper, trans } = triangle;
  const forward = upper === trans;
  withBlas(n, (blas) => {
    const y = blas.array(n * k);
    y.set(x);
    const blocks = Math.ceil(n / block);
    for (let step = 0; step < blocks; step++) {
      const from = (forward ? step : blocks - 1 - step) * block;
      const to = Math.min(from + block, n);
      const [first, count] = forward ? [0, from] : [to, n - to];
      const b = { data: y, at: first * k, ld: k };
      const factors = negated(blas, t, n, trans, from, to, first, count);
      blas.multiply(to - from, k, count, { data: factors, ld: count }, b, { data: y, at: from * k, ld: k }, true);
      solveBlock(t, n, y, k, triangle, from, to);
    }
    x.set(y);
  });
}

/** −T, or −Tᵀ, of rows from..to − 1 and `count` columns. */
function negated(
  blas: Blas,
  t: Float64Array,
  n: number,
  trans: boolean,
  from: number,
  to: number,
  first: number,
  count: number,
): Float64Array {
  const out = blas.array((to - from) * count);
  const [rowStep, columnStep] = trans ? [1, n] : [n, 1];
  for (let i = from; i < to; i++)
    for (let j = 0; j < count; j++) out[(i - from) * count + j] = -t[i * rowStep + (first + j) * columnStep];
  return out;
}

/** Substitution in rows from..to − 1, by the columns of T that belong to them. */
function solveBlock(
  t: Float64Array,
  n: number,
  x: Float64Array,
  k: number,
  { upper, trans, unit }: Triangle,
  from: number,
  to: number,
): void {
  const forward = upper === trans;
  const [rowStep, columnStep] = trans ? [1, n] : [n, 1];
  for (let step = 0; step < to - from; step++) {
    const i = forward ? from + step : to - 1 - step;
    for (let past = 0; past < step; past++) {
      const j = forward ? from + past : to - 1 - past;
      addScaled(-t[i * rowStep + j * columnStep], x, j * k, x, i * k, k);
    }
    if (unit) continue;
    const pivot = t[i * n + i];
    for (let c = i * k; c < (i + 1) * k; c++) x[c] /= pivot;
  }
}
