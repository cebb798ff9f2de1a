import type { Blas } from './blas.ts';
import { addScaled, dot, dotBlock, rotateBlock, rotateChain, updateAndDot } from './kernels.ts';
import { multiply } from './product.ts';

/** The loops in TypeScript, over arrays of the garbage collector. */
export const plainLoops: Blas = {
  array: (length) => new Float64Array(length),
  dot,
  addScaled,
  dotBlock,
  rotateBlock,
  rotateChain,
  updateAndDot,
  multiply,
};
