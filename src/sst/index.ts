import '../autograd/methods.ts';
import '../tensor/simd/install.ts';
import './simd.ts';

export { type Accounting, accounting, predictedBytes, trainableCount, type WeightShape } from './accounting.ts';
export { DoraLinear, type DoraOptions, dora } from './baselines/dora.ts';
export { full } from './baselines/full.ts';
export { type GaloreOptions, galore } from './baselines/galore.ts';
export { type AdapterStart, LoraLinear, type LoraLinearOptions, type LoraOptions, lora } from './baselines/lora.ts';
export { type PissaOptions, pissa } from './baselines/pissa.ts';
export { type ReloraOptions, relora } from './baselines/relora.ts';
export { VeraLinear, type VeraOptions, vera } from './baselines/vera.ts';
export { decayingNonNegative, freeRows, nonNegative, unitRows } from './constraint.ts';
export { convert, type MethodChoice, type Plan } from './convert.ts';
export { diagnostics } from './diagnostics.ts';
export type { DiagnosticsEvent, LayerDiagnostics, MethodEvent } from './events.ts';
export { defaultGradient, enhancedGradient, modes, sigmaGradient, spectralForward } from './formulas.ts';
export { type SpectralAttrs, sparseSpectralLinear, spectralLinear } from './linear.op.ts';
export { SpectralLinear, type SpectralLinearOptions } from './linear.ts';
export type { Method, MethodState } from './method.ts';
export {
  type Extent,
  FactoredLinear,
  prune,
  type Reduced,
  type ReducedModel,
  type ReduceOptions,
  type Reducer,
  type Reducible,
  reduceModel,
  reducer,
  truncate,
} from './prune.ts';
export {
  drawDistinct,
  type Sampler,
  type Sampling,
  type SamplingContext,
  samplers,
  samplingProbabilities,
} from './sampler.ts';
export { type Clock, type Position, positionOf } from './schedule.ts';
export type { Selection } from './select.ts';
export { type SstOptions, sst } from './sst.ts';
