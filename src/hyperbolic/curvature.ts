import { reciprocal } from '../autograd/ops/arithmetic.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import { DomainError, ShapeError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Curvature } from './geometry.ts';

/** √c. */
export const rootOf = (c: Curvature): Curvature => (typeof c === 'number' ? Math.sqrt(c) : sqrt(c));

/** 1/c. */
export const inverseOf = (c: Curvature): Curvature => (typeof c === 'number' ? 1 / c : reciprocal(c));

/**
 * c itself.
 * @throws DomainError naming `op` unless c is finite and > 0; ShapeError unless it is a number or a scalar tensor
 */
export function checkCurvature(op: string, c: Curvature): Curvature {
  if (c instanceof Tensor && c.rank !== 0) throw new ShapeError(op, 'c is a number or a scalar tensor', [c.shape]);
  const value = c instanceof Tensor ? (c.onHost ? c.data[0] : 1) : c;
  if (!(value > 0 && Number.isFinite(value))) throw new DomainError(op, `c is a finite number > 0, got ${value}`);
  return c;
}
