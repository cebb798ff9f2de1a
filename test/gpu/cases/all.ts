import type { GpuCase } from '../../harness/gpuKernel.ts';
import { arithmeticCases } from './arithmetic.ts';
import { optimizerCases } from './optimizer.ts';
import { productCases } from './products.ts';
import { sparseCases } from './sparse.ts';
import { sstCases } from './sst.ts';

/** Every kernel of the device, held to its definition. */
export const gpuCases: readonly GpuCase[] = [
  ...arithmeticCases,
  ...productCases,
  ...optimizerCases,
  ...sstCases,
  ...sparseCases,
];
