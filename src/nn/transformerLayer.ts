import { gelu, relu } from '../autograd/ops/activation.ts';
import { checkChance } from '../autograd/ops/dropout.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { MultiheadAttention } from './attention.ts';
import type { AttentionContext, AttentionHeads } from './attentionHeads.ts';
import { LayerNorm } from './layerNorm.ts';
import type { LinearMap, LinearOptions } from './linear.ts';
import { type CallContext, Module } from './module.ts';
import { dropped, residual } from './residual.ts';
import { type LinearMaker, makerOf, SeparateAttention } from './separateAttention.ts';

/** Options of a transformer layer. */
export interface TransformerLayerOptions extends LinearOptions {
  /** Default 2048. */
  readonly feedForward?: number;
  /** The chance of an element to be dropped in training, in all places. Default 0.1. */
  readonly dropout?: number;
  /** The chance of an attention weight to be dropped. Default: `dropout`. */
  readonly attentionDropout?: number;
  /** Between the two linear maps; default `relu`. */
  readonly activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor);
  /** Normalise what goes into attention and feed-forward, instead of what comes out. Default false. */
  readonly normFirst?: boolean;
  /** Of the normalisations. Default 1e-5. */
  readonly eps?: number;
  /** […, t, e] (default), or [t, b, e], which is PyTorch's default; `separate` projections take the first. */
  readonly batchFirst?: boolean;
  /** `packed` (default), as in PyTorch: `MultiheadAttention`. `separate`: `SeparateAttention`, for methods that replace linear maps. */
  readonly projections?: 'packed' | 'separate';
  /** How linear maps are made, but for packed projections. Default: `new Linear(…)` with these options. */
  readonly linear?: LinearMaker;
}

const activations: ReadonlyMap<unknown, (x: Tensor) => Tensor> = new Map<unknown, (x: Tensor) => Tensor>([
  ['relu', relu],
  ['gelu', (x) => gelu(x)],
]);

/** What layers of encoder and decoder have in common besides parameters. */
interface Settings {
  readonly dropout: number;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;
}

function settingsOf(op: string, options: TransformerLayerOptions): Settings {
  const { dropout = 0.1, activation = 'relu', normFirst = false, projections, batchFirst = true } = options;
  checkChance(op, dropout, options.rng);
  const known = typeof activation === 'function' ? activation : activations.get(activation);
  if (typeof known !== 'function')
    throw new DomainError(op, `activation is relu, gelu or a function, got ${String(activation)}`);
  if (projections === 'separate' && !batchFirst) throw new DomainError(op, 'separate projections take the batch first');
  return { dropout, normFirst, activation: known };
}

/** Attention of a layer, in the layout that the options name. @throws DomainError when there is no such layout */
export function attentionOf(
  op: string,
  embedDim: number,
  heads: number,
  options: TransformerLayerOptions,
): AttentionHeads {
  const { projections = 'packed', dropout = 0.1, attentionDropout = dropout } = options;
  if (projections !== 'packed' && projections !== 'separate')
    throw new DomainError(op, `projections are packed or separate, got ${String(projections)}`);
  const made = { ...options, dropout: attentionDropout };
  return projections === 'packed'
    ? new MultiheadAttention(embedDim, heads, made)
    : new SeparateAttention(embedDim, heads, made);
}

/** A normalisation of a layer. */
export const normOf = (embedDim: number, { bias = true, ...options }: TransformerLayerOptions): LayerNorm =>
  new LayerNorm(embedDim, { ...options, eps: options.eps ?? 1e-5, bias });

/** What the layers of encoder and decoder have in common: attention to themselves, a feed-forward part, and the ways around both. */
export abstract class TransformerLayer extends Module {
  readonly #op: string;
  self_attn: AttentionHeads;
  linear1: LinearMap;
  linear2: LinearMap;
  norm1: LayerNorm;
  norm2: LayerNorm;
  readonly dropout: number;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  /**
   * @param op the name that errors give
   * @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or an option is unknown
   */
  constructor(op: string, embedDim: number, heads: number, options: TransformerLayerOptions) {
    super();
    const { dropout, normFirst, activation } = settingsOf(op, options);
    const { feedForward = 2048 } = options;
    const linear = makerOf(options);
    this.#op = op;
    this.self_attn = attentionOf(op, embedDim, heads, options);
    this.linear1 = linear(embedDim, feedForward);
    this.linear2 = linear(feedForward, embedDim);
    this.norm1 = normOf(embedDim, options);
    this.norm2 = normOf(embedDim, options);
    this.dropout = dropout;
    this.normFirst = normFirst;
    this.activation = activation;
  }

  /** x and what attention makes of it. */
  protected attended(x: Tensor, norm: LayerNorm, attention: AttentionHeads, context: AttentionContext): Tensor {
    return residual(x, norm, this.normFirst, (t) => this.#dropped(attention.call(t, context), context));
  }

  /** x and linear2(f(linear1(x))). */
  protected fedForward(x: Tensor, norm: LayerNorm, context: CallContext): Tensor {
    return residual(x, norm, this.normFirst, (t) => {
      const inner = this.#dropped(this.activation(this.linear1.call(t, context)), context);
      return this.#dropped(this.linear2.call(inner, context), context);
    });
  }

  #dropped(x: Tensor, context: CallContext): Tensor {
    return dropped(this.#op, x, this.dropout, context);
  }
}
