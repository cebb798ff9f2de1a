/** What `./gpu` has for `./hyperbolic`: its kernels as texts for a GPU. */
import type { GpuTable } from '../tensor/gpu/overlay.ts';
import { embeddingKernels } from './gpu/embedding.ts';
import { gapKernels } from './gpu/gap.ts';
import { layerKernels } from './gpu/layers.ts';
import { pairKernels } from './gpu/pairs.ts';
import { radialKernels } from './gpu/radial.ts';
import { rowKernels } from './gpu/rows.ts';

/** Every kernel of the hyperbolic layer that the device has. */
export const hyperbolicKernels: GpuTable = {
  ...radialKernels,
  ...rowKernels,
  ...layerKernels,
  ...gapKernels,
  ...pairKernels,
  ...embeddingKernels,
};
