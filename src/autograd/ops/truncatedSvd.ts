import { truncatedSvdKernel } from '../../tensor/cpu/svd.ts';
import { requireFloat } from '../../tensor/dtype.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkOptions, checkTensor, checkWhole } from '../options.ts';
import { transpose } from './layout.ts';
import { checkFinite } from './matrix.ts';

/** Options of `truncatedSvd`. */
export interface TruncatedSvdAttrs {
  /** r: how many singular values to find, 1..min(m, n). */
  readonly rank: number;
  /** Where chance comes from: drawn from twice, whatever the size. */
  readonly rng: Rng;
  /** p: directions sought beside the r. Default 10. */
  readonly oversampling?: number;
  /** q: how often A·Aᵀ is applied to sharpen the search. More where singular values fall slowly. Default 2. */
  readonly iterations?: number;
}

/**
 * The r leading singular values of A […, m, n] and their vectors, nearly, at the cost of a few products with r + p vectors:
 * U […, m, r], s […, r] falling, Vt […, r, n]. Columns of U and rows of Vt are orthonormal; no value exceeds that of A; a matrix of
 * rank r or less is found to the last digits. On average |A − U·diag(s)·Vt| is at most s_{r+1} plus
 * ((1 + √(r/(p−1)) + e·√(r+p)/p·√(min(m, n) − r))^(1/(2q+1)) times s_{r+1}, in the spectral norm, p ≥ 2. In each row of Vt the entry
 * largest in magnitude, the first of equals, is positive. Equal streams give equal bits. Where r + p is half of min(m, n) or more it
 * is `svd`, cut off. No gradient passes.
 * @throws ShapeError unless A consists of matrices; DTypeError unless they are floating; DomainError when an entry is not finite or
 * an option out of range
 * @source Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1, corollary 10.10
 */
export function truncatedSvd(a: Tensor, attrs: TruncatedSvdAttrs): readonly [u: Tensor, s: Tensor, vt: Tensor] {
  const op = 'truncatedSvd';
  checkTensor(op, a);
  if (a.rank < 2) throw new ShapeError(op, 'takes matrices', [a.shape]);
  requireFloat(op, a.dtype);
  checkOptions(op, attrs, ['rank', 'rng', 'oversampling', 'iterations']);
  const { rank, rng, oversampling = 10, iterations = 2 } = attrs;
  checkWhole(op, 'rank', rank, 1);
  checkWhole(op, 'oversampling', oversampling, 0);
  checkWhole(op, 'iterations', iterations, 0);
  const most = Math.min(...a.shape.slice(-2));
  if (rank > most) throw new DomainError(op, `rank is at most ${most}, got ${rank}`, [a.shape]);
  if (!(rng instanceof Rng)) throw new DomainError(op, 'rng is where chance comes from: new Rng(seed)');
  checkFinite(op, a);
  const seed = rng.bits() * 2 ** 20 + (rng.bits() >>> 12);
  const [ut, s, vt] = truncatedSvdKernel([a.detach()], { rank, oversampling, iterations, seed });
  return [transpose(ut), s, vt];
}
