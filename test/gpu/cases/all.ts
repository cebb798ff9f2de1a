import type { GpuCase } from '../../harness/gpuKernel.ts';
import { activationCases } from './activation.ts';
import { arithmeticCases } from './arithmetic.ts';
import { attentionCases } from './attention.ts';
import { choiceCases } from './choice.ts';
import { cumulativeCases } from './cumulative.ts';
import { gatherCases } from './gather.ts';
import { hyperbolicPairCases } from './hyperbolicPairs.ts';
import { hyperbolicRowCases } from './hyperbolicRows.ts';
import { lossCases } from './loss.ts';
import { movementCases } from './movement.ts';
import { optimizerCases } from './optimizer.ts';
import { productCases } from './products.ts';
import { radialCases } from './radial.ts';
import { reductionCases } from './reduction.ts';
import { rotaryCases } from './rotary.ts';
import { softmaxCases } from './softmax.ts';
import { sparseCases } from './sparse.ts';
import { sstCases } from './sst.ts';
import { standardizeCases } from './standardize.ts';
import { transcendentalCases } from './transcendental.ts';

/** Every kernel of the device, held to its definition. */
export const gpuCases: readonly GpuCase[] = [
  ...arithmeticCases,
  ...transcendentalCases,
  ...activationCases,
  ...choiceCases,
  ...lossCases,
  ...reductionCases,
  ...cumulativeCases,
  ...movementCases,
  ...gatherCases,
  ...softmaxCases,
  ...standardizeCases,
  ...rotaryCases,
  ...productCases,
  ...optimizerCases,
  ...sstCases,
  ...sparseCases,
  ...attentionCases,
  ...radialCases,
  ...hyperbolicRowCases,
  ...hyperbolicPairCases,
];
