import type { DType } from '../../tensor/dtype.ts';
import { DomainError, GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { add, sub } from './arithmetic.ts';
import { reshape, transpose } from './layout.ts';
import { tril } from './triangle.ts';

/** Spacing of the numbers after 1. */
export const roundoff = (dtype: DType): number => (dtype === 'float32' ? 2 ** -23 : 2 ** -52);

/**
 * What a value may differ by from another, or from zero, and still be the same: 10·size·roundoff, as a share of the largest.
 * It is above the rounding errors of a decomposition of that size.
 */
export const nearness = (size: number, dtype: DType): number => 10 * size * roundoff(dtype);

/** Vectors […, n] as rows […, 1, n]: they scale columns. */
export const asRow = (x: Tensor): Tensor => reshape(x, [...x.shape.slice(0, -1), 1, ...x.shape.slice(-1)]);

/** Vectors […, n] as columns […, n, 1]: they scale rows. */
export const asColumn = (x: Tensor): Tensor => reshape(x, [...x.shape, 1]);

/** X − Xᵀ. */
export const skew = (x: Tensor): Tensor => sub(x, transpose(x));

/** The symmetric matrix that has the lower triangle of X. */
export const mirrored = (x: Tensor): Tensor => add(tril(x), transpose(tril(x, { offset: -1 })));

/** @throws DomainError when an entry of x is NaN or infinite */
export function checkFinite(op: string, x: Tensor): void {
  if (!x.onHost) return;
  const { data } = x;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const n = x.shape[x.rank - 1];
    const m = x.shape[x.rank - 2];
    const place = `(${Math.floor(i / n) % m}, ${i % n})`;
    const matrix = x.rank > 2 ? ` of matrix ${Math.floor(i / (m * n))}` : '';
    throw new DomainError(op, `entries are finite, entry ${place}${matrix} is ${data[i]}`, [x.shape]);
  }
}

/**
 * Refuse values […, k], sorted, of which two neighbours are closer than `tolerance` times the largest of their k.
 * @throws GradError naming the two
 */
export function checkDistinct(op: string, what: string, values: Tensor, tolerance: number): void {
  const k = values.shape[values.rank - 1];
  const { data } = values;
  for (let from = 0; from < data.length; from += k) {
    const top = Math.max(Math.abs(data[from]), Math.abs(data[from + k - 1]));
    for (let i = from; i + 1 < from + k; i++)
      if (Math.abs(data[i + 1] - data[i]) <= tolerance * top)
        throw new GradError(
          op,
          `${what} ${i - from} and ${i - from + 1} repeat (${data[i]} and ${data[i + 1]}): their vectors have no gradient`,
          [values.shape],
        );
  }
}
