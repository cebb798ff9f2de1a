/** What `./gpu` has for `./hyperbolic`: its kernels as texts for a GPU. */
import type { GpuTable } from '../tensor/gpu/overlay.ts';
import { radialKernels } from './gpu/radial.ts';

/** Every kernel of the hyperbolic layer that the device has. */
export const hyperbolicKernels: GpuTable = { ...radialKernels };
