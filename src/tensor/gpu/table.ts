import { arithmetic } from './kernels/arithmetic.ts';
import { products } from './kernels/matmul.ts';
import { optimizerSteps } from './kernels/optimizer.ts';
import type { GpuTable } from './overlay.ts';

/** Every kernel of the tensor layer that the device has. */
export const tensorTable: GpuTable = {
  ...arithmetic,
  ...products,
  ...optimizerSteps,
};
