import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { pseudoInverse } from '../linalg/pinv.ts';
import { singularValues, thinSvd } from '../linalg/svd.ts';
import { type TruncatedOptions, truncatedSvd } from '../linalg/truncated.ts';
import { Rng } from '../rng.ts';
import type { Tensor } from '../tensor.ts';
import { eachMatrix, leadOf } from './matrices.ts';

/**
 * A = Utᵀ·diag(s)·Vt for each matrix of A […, m, n], k = min(m, n): Ut […, k, m] and Vt […, k, n] hold singular vectors as
 * rows, s […, k] falls. Computed in float64 whatever the dtype.
 */
export const svdKernel: Kernel<readonly [Tensor], undefined, readonly [Spec, Spec, Spec]> = defineKernel({
  name: 'svd',
  infer([a]): readonly [Spec, Spec, Spec] {
    const lead = leadOf(a);
    const [m, n] = a.shape.slice(-2);
    const k = Math.min(m, n);
    const { dtype } = a;
    return [
      { shape: [...lead, k, m], dtype },
      { shape: [...lead, k], dtype },
      { shape: [...lead, k, n], dtype },
    ];
  },
  cpu(outputs, inputs) {
    const [m, n] = inputs[0].shape.slice(-2);
    eachMatrix('svd', outputs, inputs, ([a]) => {
      const { ut, s, vt } = thinSvd(a, m, n);
      return [ut, s, vt];
    });
  },
});

/** Attributes of `truncatedSvdKernel`. */
export interface TruncatedAttrs extends TruncatedOptions {
  /** Of the stream of random numbers that all matrices draw from, in their order. */
  readonly seed: number;
}

/**
 * The r leading singular values of each matrix of A […, m, n], and their vectors, nearly: Ut […, r, m], s […, r], Vt […, r, n]. Computed
 * in float64 whatever the dtype.
 */
export const truncatedSvdKernel: Kernel<readonly [Tensor], TruncatedAttrs, readonly [Spec, Spec, Spec]> = defineKernel({
  name: 'truncatedSvd',
  infer([a], { rank }: TruncatedAttrs): readonly [Spec, Spec, Spec] {
    const lead = leadOf(a);
    const [m, n] = a.shape.slice(-2);
    const { dtype } = a;
    return [
      { shape: [...lead, rank, m], dtype },
      { shape: [...lead, rank], dtype },
      { shape: [...lead, rank, n], dtype },
    ];
  },
  cpu(outputs, inputs, attrs) {
    const [m, n] = inputs[0].shape.slice(-2);
    const rng = new Rng(attrs.seed);
    eachMatrix('truncatedSvd', outputs, inputs, ([a]) => {
      const { ut, s, vt } = truncatedSvd(a, m, n, attrs, rng);
      return [ut, s, vt];
    });
  },
});

/** The singular values of each matrix of A […, m, n] alone, falling. */
export const singularValuesKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'singularValues',
  infer: ([a]) => ({ shape: [...leadOf(a), Math.min(...a.shape.slice(-2))], dtype: a.dtype }),
  cpu(outputs, inputs) {
    const [m, n] = inputs[0].shape.slice(-2);
    eachMatrix('svdvals', outputs, inputs, ([a]) => [singularValues(a, m, n)]);
  },
});

/**
 * The pseudoinverse […, n, m] of each matrix of A […, m, n], singular values up to `rcond` times the largest taken for zero;
 * and the largest of those, as a share of the largest of all.
 */
export const pinvKernel: Kernel<readonly [Tensor], number, readonly [Spec, Spec]> = defineKernel({
  name: 'pinv',
  infer([a], _: number): readonly [Spec, Spec] {
    const lead = leadOf(a);
    const [m, n] = a.shape.slice(-2);
    return [
      { shape: [...lead, n, m], dtype: a.dtype },
      { shape: lead, dtype: a.dtype },
    ];
  },
  cpu(outputs, inputs, rcond) {
    const [m, n] = inputs[0].shape.slice(-2);
    eachMatrix('pinv', outputs, inputs, ([a]) => {
      const { inverse, cut } = pseudoInverse(a, m, n, rcond);
      return [inverse, [cut]];
    });
  },
});
