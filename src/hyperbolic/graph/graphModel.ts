import { Linear } from '../../nn/linear.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import type { TensorOptions } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { type LayerCurvature, type Space, trainableCurvature } from '../layers/curvature.ts';
import type { ActivationChoice } from '../layers/tangent.ts';
import { lorentz } from '../lorentz.ts';
import { poincare } from '../poincare.ts';
import { FermiDiracPredictor, TangentClassifier } from './decoders.ts';
import { Gcn } from './gcn.ts';
import { Hgcn } from './hgcn.ts';
import { Hnn } from './hnn.ts';
import { HyboNetClassifier, HyboNetPredictor } from './hybonet.ts';
import { Mlp } from './mlp.ts';
import type { GraphEncoder, LinkPredictor, NodeClassifier } from './model.ts';

/** The models by name: HyboNet; HGCN on the ball and on the hyperboloid, and without edges; the networks of ordinary space. */
export type GraphModelName = 'hybonet' | 'hgcn' | 'hgcn-lorentz' | 'hnn' | 'gcn' | 'mlp';

/** A network for the nodes of a graph, and what it is for. */
export interface GraphModelOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  readonly model: GraphModelName;
  /** Classes of nodes, or edges that are missing. */
  readonly task: 'nc' | 'lp';
  /** Numbers that a node is described by. */
  readonly features: number;
  /** Of the nodes; needed for `nc`. */
  readonly classes?: number;
  /** Width of every hidden layer and of the points; HyboNet counts the time in. Default 16. */
  readonly dim?: number;
  /** Layers, the head of `nc` included. Default 2. */
  readonly layers?: number;
  /** Curvature −c of the hyperbolic models, at first where it is trained. Default 1. */
  readonly c?: number;
  /** Whether each layer trains its curvature; HyboNet has none to train. Default false. */
  readonly trainableCurvature?: boolean;
  /** Default 0. */
  readonly dropout?: number;
  /** Default `relu`, and `none` for HyboNet. */
  readonly activation?: ActivationChoice;
  /** Default true. */
  readonly bias?: boolean;
  /** Whether HGCN or HyboNet weighs neighbours. Default false. */
  readonly attention?: boolean;
  /** Of HyboNet's loss. Default 2. */
  readonly margin?: number;
  /** Where the initial values come from. */
  readonly rng: Rng;
}

/** A choice with the defaults filled in, and the widths from the features to the points. */
type Settled = Required<Omit<GraphModelOptions, 'device' | 'classes' | 'margin'>> &
  Pick<GraphModelOptions, 'device' | 'classes'> & { readonly dims: readonly number[] };

function settled(options: GraphModelOptions): Settled {
  const { dim = 16, layers = 2, features, task } = options;
  for (const [what, n] of Object.entries({ dim, layers, features })) checkCount('graphModel', what, n, 1);
  const hidden = task === 'nc' ? layers - 1 : layers;
  return {
    ...{
      c: 1,
      trainableCurvature: false,
      dropout: 0,
      activation: 'relu',
      bias: true,
      attention: false,
      dtype: 'float32',
    },
    ...options,
    dim,
    layers,
    dims: [features, ...new Array<number>(hidden).fill(dim)],
  };
}

const curvature = ({ c, trainableCurvature: trained, dtype, device }: Settled): LayerCurvature =>
  trained ? trainableCurvature(c, device === undefined ? { dtype } : { dtype, device }) : c;

const hgcn =
  (space: Space) =>
  (options: Settled): GraphEncoder =>
    new Hgcn(options.dims, { ...options, space, curvatures: options.dims.map(() => curvature(options)) });

const encoders: Readonly<Record<string, (options: Settled) => GraphEncoder>> = {
  hgcn: hgcn(poincare),
  'hgcn-lorentz': hgcn(lorentz),
  hnn: (options) => new Hnn(options.dims, { ...options, curvature: curvature(options) }),
  gcn: (options) => new Gcn(options.dims, { ...options, aggregateLast: options.task === 'nc' }),
  mlp: (options) => new Mlp(options.dims, options),
};

/** HyboNet has heads and losses of its own. @throws DomainError when a curvature is to be trained */
function hybonet(options: GraphModelOptions, classes: number): NodeClassifier | LinkPredictor {
  if (options.trainableCurvature) throw new DomainError('graphModel', 'the curvature of hybonet is fixed');
  return options.task === 'nc' ? new HyboNetClassifier({ ...options, classes }) : new HyboNetPredictor(options);
}

/**
 * A network for the nodes of a graph, with a head for the task: a linear map of the tangents at the origin and cross-entropy for
 * `nc`, the Fermi-Dirac distribution (r = 2, t = 1) of squared distances for `lp`. HyboNet has points for classes, and losses with a margin. `layers` counts the head of `nc`.
 * @throws DomainError when there is no such model or task, a size is not a whole number >= 1, classes are missing, or a setting is
 * out of range
 */
export function graphModel(options: GraphModelOptions & { readonly task: 'nc' }): NodeClassifier;
export function graphModel(options: GraphModelOptions & { readonly task: 'lp' }): LinkPredictor;
export function graphModel(options: GraphModelOptions): NodeClassifier | LinkPredictor;
export function graphModel(options: GraphModelOptions): NodeClassifier | LinkPredictor {
  const op = 'graphModel';
  const { model, task, classes = 0 } = options;
  const make = Object.hasOwn(encoders, model) ? encoders[model] : undefined;
  if (make === undefined && model !== 'hybonet')
    throw new DomainError(op, `model is hybonet, ${Object.keys(encoders).join(', ')}, got '${String(model)}'`);
  if (task !== 'nc' && task !== 'lp') throw new DomainError(op, `task is nc or lp, got '${String(task)}'`);
  if (task === 'nc') checkCount(op, 'classes', classes, 1);
  if (make === undefined) return hybonet(options, classes);
  const choice = settled(options);
  const encoder = make(choice);
  if (task === 'lp') return new FermiDiracPredictor(encoder, { unitBall: model === 'gcn' || model === 'mlp' });
  return new TangentClassifier(encoder, new Linear(choice.dims[choice.dims.length - 1], classes, choice));
}
