import { activations } from './kernels/activation.ts';
import { arithmetic } from './kernels/arithmetic.ts';
import { attentionKernels } from './kernels/attention.ts';
import { choices } from './kernels/choice.ts';
import { cumulatives } from './kernels/cumulative.ts';
import { gathers } from './kernels/gather.ts';
import { losses } from './kernels/loss.ts';
import { products } from './kernels/matmul.ts';
import { movements } from './kernels/movement.ts';
import { optimizerSteps } from './kernels/optimizer.ts';
import { patchMoves } from './kernels/patches.ts';
import { reductions } from './kernels/reduction.ts';
import { softmaxes } from './kernels/softmax.ts';
import { sparseProducts } from './kernels/sparse.ts';
import { normalisations } from './kernels/standardize.ts';
import { transcendental } from './kernels/transcendental.ts';
import type { GpuTable } from './overlay.ts';

/** Every kernel of the tensor layer that the device has. */
export const tensorTable: GpuTable = {
  ...arithmetic,
  ...transcendental,
  ...activations,
  ...choices,
  ...losses,
  ...reductions,
  ...cumulatives,
  ...movements,
  ...patchMoves,
  ...gathers,
  ...softmaxes,
  ...normalisations,
  ...products,
  ...optimizerSteps,
  ...sparseProducts,
  ...attentionKernels,
};
