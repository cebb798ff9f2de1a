import { ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkFlag, checkName, checkOptions, checkTensor } from '../options.ts';
import { signature } from '../signature.ts';
import { abs } from './arithmetic.ts';
import { reshape } from './layout.ts';
import { checkFinite } from './matrix.ts';
import { max, min, sum } from './reduce.ts';
import { norm } from './statistics.ts';
import { svdvals } from './svd.ts';

/**
 * Which norm of a matrix. `fro`: √Σ a_ij². `nuc`: the sum of the singular values. 2: the largest of them. 1: the largest sum
 * of |a_ij| over a column. Infinity: over a row. −1, −2 or −Infinity: the smallest in place of the largest.
 */
export type MatrixNormOrder = 'fro' | 'nuc' | number;

/** How the norm of a matrix is taken. */
export interface MatrixNormAttrs {
  /** Default `fro`. */
  readonly ord?: MatrixNormOrder;
  /** Leave the two axes in place, with size 1. Default false. */
  readonly keepDims?: boolean;
}

const orders: readonly unknown[] = ['fro', 'nuc', 1, 2, Infinity, -1, -2, -Infinity];

/** What the largest or smallest is chosen from: sums over columns or rows, or singular values, along the last axis. */
function candidates(a: Tensor, size: number): Tensor {
  if (size === 2) return svdvals(a);
  return sum(abs(a), { axis: size === 1 ? -2 : -1 });
}

/**
 * The norm of each matrix of A […, m, n], […].
 *
 * Gradients are those of `norm`, `svdvals`, `max` and `min`: 0 for `fro` of a zero matrix, shared evenly where several columns,
 * rows or singular values tie. The second derivative of orders that look at singular values asks that they differ.
 * @throws ShapeError unless A consists of matrices, or when there is nothing to choose from; DTypeError for integers;
 * DomainError for an unknown order or option, or when an entry is not finite and singular values are wanted
 */
export function matrixNorm(a: Tensor, attrs: MatrixNormAttrs = {}): Tensor {
  checkTensor('matrixNorm', a);
  signature('… m n -> …').check('matrixNorm', [a]);
  checkOptions('matrixNorm', attrs, ['ord', 'keepDims']);
  const { ord = 'fro', keepDims = false } = attrs;
  checkName('matrixNorm', 'ord', ord, orders as readonly string[]);
  checkFlag('matrixNorm', 'keepDims', keepDims);
  if (ord === 'fro') return norm(a, { axis: [-2, -1], keepDims });
  if (ord === 'nuc' || Math.abs(ord) === 2) checkFinite('matrixNorm', a);
  const lead = a.shape.slice(0, -2);
  const all = ord === 'nuc' ? svdvals(a) : candidates(a, Math.abs(ord));
  if (ord !== 'nuc' && all.shape[all.rank - 1] === 0)
    throw new ShapeError('matrixNorm', `there is nothing for ord ${ord} to choose from`, [a.shape]);
  const y = ord === 'nuc' ? sum(all, { axis: -1 }) : ord > 0 ? max(all, { axis: -1 }) : min(all, { axis: -1 });
  return keepDims ? reshape(y, [...lead, 1, 1]) : y;
}
