import type { DType } from '../tensor/dtype.ts';

/**
 * R, the largest √c·d from the origin that a point of this dtype is put at: 12 in float32, 26 in float64. Everything that
 * would go further is drawn back to R along its ray. There a coordinate of the hyperboloid is e^R/2 of its unit and a point of
 * the ball e^−R·2 from the edge, both with a few hundred roundings to spare; products of four such coordinates, the most
 * that a gradient multiplies, stay finite.
 */
export const farthest = (dtype: DType): number => (dtype === 'float64' ? 26 : 12);

/** tanh(R/2): the largest √c·|x| of a point of the Poincaré ball, R from the origin. It keeps 1 − c·|x|² above 0. */
export const edge = (dtype: DType): number => Math.tanh(farthest(dtype) / 2);

/** What a residual of a law may be, relative to the size of its terms: a few hundred roundings. */
export const slack = (dtype: DType): number => (dtype === 'float64' ? 2 ** -44 : 2 ** -15);
