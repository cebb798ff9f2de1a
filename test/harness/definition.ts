/** Kernels as they are defined: without SIMD, results as a list. Nothing here needs Node or a browser. */
import { settings } from '../../src/tensor/simd/settings.ts';
import { Tensor } from '../../src/tensor/tensor.ts';

/** Run without SIMD: what kernels call is their definition. */
export function plainly<T>(fn: () => T): T {
  const before = settings.on;
  settings.on = false;
  try {
    return fn();
  } finally {
    settings.on = before;
  }
}

/** The results of a kernel, which has one or several. */
export const list = (made: Tensor | readonly Tensor[]): readonly Tensor[] => (made instanceof Tensor ? [made] : made);
