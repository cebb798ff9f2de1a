import '../autograd/methods.ts';
import '../tensor/simd/install.ts';

export {
  poincareDistance,
  poincareExp,
  poincareExpOrigin,
  poincareGradient,
  poincareInner,
  poincareLog,
  poincareLogOrigin,
  poincareMidpoint,
  poincareNorm,
  poincarePairwiseDistance,
  poincareProject,
  poincareSquaredDistance,
  poincareTransport,
} from './ball.ts';
export { tangentToLorentz, tangentToPoincare, toLorentz, toPoincare } from './convert.ts';
export type { ModelAttrs } from './embedding.kernel.ts';
export { embeddingDistance } from './embedding.op.ts';
export { PointEmbedding, type PointEmbeddingOptions, rankingLoss } from './embedding.ts';
export { euclidean } from './euclidean.ts';
export type { Curvature, Geometry, Verdict } from './geometry.ts';
export {
  FermiDiracPredictor,
  type FermiDiracPredictorOptions,
  PointClassifier,
  TangentClassifier,
} from './graph/decoders.ts';
export { Gcn, type GcnOptions, GraphConvolution } from './graph/gcn.ts';
export { type GraphModelName, type GraphModelOptions, graphModel } from './graph/graphModel.ts';
export { Hgcn, type HgcnOptions, type HyperbolicConvolutionOptions, HyperbolicGraphConvolution } from './graph/hgcn.ts';
export { Hnn, type HnnOptions } from './graph/hnn.ts';
export {
  HyboNet,
  HyboNetClassifier,
  type HyboNetClassifierOptions,
  type HyboNetOptions,
  HyboNetPredictor,
  type HyboNetPredictorOptions,
  LorentzConvolution,
  type LorentzConvolutionOptions,
} from './graph/hybonet.ts';
export { classMargin, pairMargin } from './graph/hybonetLoss.ts';
export { DenseLayer, type EncoderOptions, Mlp } from './graph/mlp.ts';
export type { GraphContext, GraphEncoder, LinkPredictor, NodeClassifier } from './graph/model.ts';
export { farthest } from './guards.ts';
export {
  lorentzCentroid,
  lorentzDistance,
  lorentzExp,
  lorentzExpOrigin,
  lorentzGradient,
  lorentzInner,
  lorentzLog,
  lorentzLogOrigin,
  lorentzNorm,
  lorentzPairwiseDistance,
  lorentzProject,
  lorentzProjectTangent,
  lorentzSquaredDistance,
  lorentzTransport,
} from './hyperboloid.ts';
export { lorentzHyperplaneLogits } from './hyperplanes.ts';
export {
  curvatureOf,
  followingManifold,
  geometryAt,
  type LayerCurvature,
  reproject,
  reprojection,
  type Space,
  trainableCurvature,
} from './layers/curvature.ts';
export { edgeCrossEntropy, type FermiDiracOptions, fermiDirac, fermiDiracLogit } from './layers/fermiDirac.ts';
export { LorentzActivation, LorentzDropout, lorentzResidual } from './layers/lorentzActivation.ts';
export { LorentzAggregation, LorentzNeighbourAttention, neighbourCentroid } from './layers/lorentzAggregation.ts';
export {
  LorentzAttention,
  type LorentzAttentionContext,
  type LorentzAttentionOptions,
} from './layers/lorentzAttention.ts';
export { lorentzLift } from './layers/lorentzLift.op.ts';
export {
  type LorentzContext,
  type LorentzDenseOptions,
  type LorentzForm,
  LorentzLinear,
  type LorentzLinearOptions,
  type LorentzMapOptions,
  lorentzDense,
  lorentzMap,
} from './layers/lorentzLinear.ts';
export { LorentzLogits, type LorentzLogitsOptions } from './layers/lorentzLogits.ts';
export { lorentzPairs } from './layers/lorentzPairs.op.ts';
export { glorotLinear, MobiusBias, MobiusLayer, MobiusLinear, type MobiusOptions, translate } from './layers/mobius.ts';
export {
  type HyperplaneOptions,
  offsetLogits,
  PoincareHyperplanes,
  PoincarePointHyperplanes,
  pointLogits,
} from './layers/poincareHyperplanes.ts';
export { PoincareLinear, poincareStart } from './layers/poincareLinear.ts';
export { type ActivationChoice, TangentActivation, TangentDropout, type TangentOptions } from './layers/tangent.ts';
export { aggregateTangents, NeighbourAttention } from './layers/tangentAggregation.ts';
export { type GapAttrs, lift, lorentzGap, tangentInner } from './lorentz.op.ts';
export { type Lorentz, lorentz } from './lorentz.ts';
export { lorentzNormalise } from './lorentzNormalise.op.ts';
export { gyration, mobiusAdd, mobiusApply, mobiusLinear, mobiusMatvec, mobiusScale, mobiusSub } from './mobius.ts';
export { pairwiseSquares } from './pairs.op.ts';
export { type Poincare, poincare } from './poincare.ts';
export { type Factor, product } from './product.ts';
export {
  artanhcRoot,
  asinhcRoot,
  ballClip,
  conformal,
  coshRoot,
  type RadialOrder,
  sinhcRoot,
  spaceClip,
  tanhcRoot,
} from './radial.ts';
export { inverseOrZero, rootOrZero } from './root.op.ts';
export { type RowDotAttrs, rowDot } from './rowDot.op.ts';
export {
  type LorentzTransformerName,
  type LorentzTransformerOptions,
  type LorentzTransformerSizes,
  lorentzTransformer,
  lorentzTransformerConfigurations,
} from './transformer/configurations.ts';
export {
  LorentzTransformerDecoderLayer,
  LorentzTransformerEncoderLayer,
  LorentzTransformerLayer,
  type LorentzTransformerLayerOptions,
} from './transformer/layers.ts';
export { LorentzTransformer, type LorentzTransformerConfiguration } from './transformer/model.ts';
export { wrappedNormal, wrappedNormalLogDensity } from './wrappedNormal.ts';
