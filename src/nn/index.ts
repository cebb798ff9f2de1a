import '../autograd/methods.ts';
import '../tensor/simd/install.ts';

export { Activation, GELU, ReLU, Sigmoid, Tanh } from './activation.ts';
export { MultiheadAttention, type MultiheadAttentionOptions } from './attention.ts';
export { type AttentionContext, AttentionHeads, type Projections } from './attentionHeads.ts';
export { type CheckpointParts, type LoadedCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
export { DecodingCache } from './decodingCache.ts';
export { Embedding, type EmbeddingOptions } from './embedding.ts';
export { type FitOptions, fit, type Hook, type TrainEvent } from './fit.ts';
export { type BeamOptions, type BeamResult, beamSearch } from './generate/beam.ts';
export {
  type Continuation,
  continueTexts,
  continueTranslations,
  type TranslationStart,
} from './generate/continuation.ts';
export type { EndOptions, Generated } from './generate/extend.ts';
export { greedy, type SampleOptions, sample } from './generate/sample.ts';
export { LayerNorm, type LayerNormOptions } from './layerNorm.ts';
export { addBias, Linear, type LinearMap, type LinearOptions, type LinearValues } from './linear.ts';
export { euclidean, type Manifold } from './manifold.ts';
export {
  type LanguageModelName,
  type LanguageModelOptions,
  languageModel,
  llamaConfigurations,
  optConfigurations,
  type TransformerSizes,
  type TranslationModelName,
  type TranslationModelOptions,
  transformerConfigurations,
  translationModel,
} from './models/configurations.ts';
export { EncoderDecoder, type EncoderDecoderSizes } from './models/encoderDecoder.ts';
export { Llama, type LlamaConfiguration } from './models/llama.ts';
export { Opt, type OptConfiguration } from './models/opt.ts';
export { blockLayers, type DecoderSizes, type ModelOptions } from './models/parts.ts';
export { rotary } from './models/rotary.op.ts';
export { Transformer, type TransformerConfiguration } from './models/transformer.ts';
export { type CallContext, Module, replaceModule } from './module.ts';
export { type AdagradHyper, adagrad, adagradRule } from './optim/adagrad.ts';
export { type AdamHyper, adam, adamRule, adamW, adamWRule } from './optim/adam.ts';
export { clipGradNorm } from './optim/clip.ts';
export { cosineRestarts, exponential, stepDecay } from './optim/decaySchedule.ts';
export { Optimizer, type ParameterGroup, type Trainable } from './optim/optimizer.ts';
export { type RMSpropHyper, rmsprop, rmspropRule } from './optim/rmsprop.ts';
export type { Hyper, Rule, RuleState } from './optim/rule.ts';
export { constant, cosine, linearWarmup, noam, type Schedule } from './optim/schedule.ts';
export { type SGDHyper, sgd, sgdRule } from './optim/sgd.ts';
export { Parameter, type ParameterOptions } from './parameter.ts';
export { type Places, PositionTable, placesOf } from './positions.ts';
export { RMSNorm, type RMSNormOptions } from './rmsNorm.ts';
export {
  type LinearMaker,
  SeparateAttention,
  type SeparateAttentionOptions,
  SeparateHeads,
} from './separateAttention.ts';
export type {
  DecoderContext,
  DecoderOnly,
  EncoderContext,
  MemoryContext,
  Seq2Seq,
  TranslationContext,
} from './sequenceModel.ts';
export { Sequential } from './sequential.ts';
export { type LoadOptions, type LoadReport, loadStateDict, stateDict } from './state.ts';
export {
  type DecoderLayerContext,
  TransformerDecoderLayer,
  type TransformerDecoderLayerOptions,
  TransformerEncoderLayer,
  type TransformerEncoderLayerOptions,
} from './transformer.ts';
export { TransformerLayer, type TransformerLayerOptions } from './transformerLayer.ts';
