import { relu } from '../../autograd/ops/activation.ts';
import { add } from '../../autograd/ops/arithmetic.ts';
import { checkChance } from '../../autograd/ops/dropout.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { AttentionContext } from '../attentionHeads.ts';
import { Embedding } from '../embedding.ts';
import { LayerNorm } from '../layerNorm.ts';
import type { LinearMap } from '../linear.ts';
import { Module } from '../module.ts';
import { placesOf } from '../positions.ts';
import { dropped, residual } from '../residual.ts';
import { SeparateAttention } from '../separateAttention.ts';
import type { DecoderContext, DecoderOnly } from '../sequenceModel.ts';
import {
  checkSizes,
  type DecoderSizes,
  lastOf,
  type ModelOptions,
  normalLinears,
  storedAs,
  tiedHead,
} from './parts.ts';

/** Sizes of an OPT model. */
export interface OptConfiguration extends DecoderSizes {
  /** Width of the token embedding, projected to and from that of the layers where they differ. Default: `embedDim`. */
  readonly wordDim?: number;
  /** Normalise what goes into attention and feed-forward, and the result at the end; otherwise what comes out of each. Default true. */
  readonly normFirst?: boolean;
  /** The chance of an element to be dropped in training, after attention and feed-forward. Default 0.1. */
  readonly dropout?: number;
}

/** Rows before that of position 0 in the table of positions. */
const offset = 2;
/** Standard deviation of the initial weights. */
const std = 0.02;

/** One layer of OPT, with the names of Hugging Face's `OPTDecoderLayer`. */
class OptLayer extends Module {
  self_attn: SeparateAttention;
  self_attn_layer_norm: LayerNorm;
  fc1: LinearMap;
  fc2: LinearMap;
  final_layer_norm: LayerNorm;
  readonly #dropout: number;
  readonly #normFirst: boolean;

  constructor(configuration: OptConfiguration, options: ModelOptions) {
    super();
    const { embedDim, heads, feedForward, dropout = 0.1, attentionDropout = 0, normFirst = true } = configuration;
    const linear = normalLinears(options, std);
    this.self_attn = new SeparateAttention(embedDim, heads, { ...options, linear, dropout: attentionDropout });
    this.self_attn_layer_norm = new LayerNorm(embedDim, storedAs(options));
    this.fc1 = linear(embedDim, feedForward);
    this.fc2 = linear(feedForward, embedDim);
    this.final_layer_norm = new LayerNorm(embedDim, storedAs(options));
    this.#dropout = dropout;
    this.#normFirst = normFirst;
  }

  call(x: Tensor, context: AttentionContext = {}): Tensor {
    const drop = (t: Tensor): Tensor => dropped('Opt', t, this.#dropout, context);
    const attend = (t: Tensor): Tensor => drop(this.self_attn.call(t, context));
    const y = residual(x, this.self_attn_layer_norm, this.#normFirst, attend);
    const feed = (t: Tensor): Tensor => drop(this.fc2.call(relu(this.fc1.call(t, context)), context));
    return residual(y, this.final_layer_norm, this.#normFirst, feed);
  }
}

/** Embeddings and layers of OPT, with the names of Hugging Face's `OPTDecoder`: tokens [b, t] → vectors [b, t, wordDim]. */
class OptDecoder extends Module {
  embed_tokens: Embedding;
  embed_positions: Embedding;
  project_out: LinearMap | null;
  project_in: LinearMap | null;
  final_layer_norm: LayerNorm | null;
  readonly layers: readonly OptLayer[];
  readonly maxLength: number;

  constructor(configuration: OptConfiguration, options: ModelOptions) {
    super();
    const { vocabulary, embedDim, layers, feedForward, maxLength = 2048 } = configuration;
    const { wordDim = embedDim, normFirst = true, dropout = 0.1 } = configuration;
    checkSizes('Opt', { vocabulary, embedDim, layers, feedForward, maxLength, wordDim });
    checkChance('Opt', dropout, options.rng);
    const linear = normalLinears({ ...options, bias: false }, std);
    this.embed_tokens = new Embedding(vocabulary, wordDim, { ...options, std });
    this.embed_positions = new Embedding(maxLength + offset, embedDim, { ...options, std });
    this.project_out = wordDim === embedDim ? null : linear(embedDim, wordDim);
    this.project_in = wordDim === embedDim ? null : linear(wordDim, embedDim);
    this.final_layer_norm = normFirst ? new LayerNorm(embedDim, storedAs(options)) : null;
    this.layers = Array.from({ length: layers }, () => new OptLayer(configuration, options));
    this.maxLength = maxLength;
  }

  call(tokens: Tensor, context: DecoderContext = {}): Tensor {
    const words = this.embed_tokens.call(tokens);
    const { positions, keyMask } = placesOf(this, 'Opt', tokens, context, this.maxLength);
    const wide = this.project_in?.call(words, context) ?? words;
    const { mask: _, ...rest } = context;
    const inner = { ...rest, causal: true, ...(keyMask !== undefined && { keyMask }) };
    const x = add(wide, this.embed_positions.call(add(positions, offset)));
    const y = lastOf(
      this.layers.reduce((t, layer) => layer.call(t, inner), x),
      context,
    );
    context.cache?.advance(tokens.shape[1]);
    const normed = this.final_layer_norm?.call(y) ?? y;
    return this.project_out?.call(normed, context) ?? normed;
  }
}

/** The level that Hugging Face's names have above the decoder. */
class OptModel extends Module {
  decoder: OptDecoder;

  constructor(configuration: OptConfiguration, options: ModelOptions) {
    super();
    this.decoder = new OptDecoder(configuration, options);
  }

  call(tokens: Tensor, context: DecoderContext = {}): Tensor {
    return this.decoder.call(tokens, context);
  }
}

/**
 * OPT, a decoder-only language model: learned positions, ReLU between the two linear maps of each layer, biases everywhere, logits through the
 * weight of the embedding. Tokens [b, t] int32 → logits [b, t, vocabulary].
 *
 * Parameters have the names that Hugging Face's `OPTForCausalLM` gives them (`model.decoder.layers.0.self_attn.q_proj.weight`), so safetensors of
 * either side load in the other, with or without `lm_head.weight`, which is the embedding. The position table has two rows more than positions, in
 * front. Weights start normal with standard deviation 0.02, biases as 0.
 *
 * @throws DomainError when a size is not a whole number >= 1, the heads do not divide the width, or dropout is no chance
 * @source Zhang et al., "OPT: Open Pre-trained Transformer Language Models", arXiv 2205.01068; the layout of opt-350m from its published weights
 */
export class Opt extends Module implements DecoderOnly {
  model: OptModel;
  lm_head: LinearMap;
  readonly vocabulary: number;
  readonly maxLength: number;

  constructor(configuration: OptConfiguration, options: ModelOptions) {
    super();
    this.model = new OptModel(configuration, options);
    this.lm_head = tiedHead(this.model.decoder.embed_tokens);
    this.vocabulary = configuration.vocabulary;
    this.maxLength = this.model.decoder.maxLength;
  }

  /**
   * @throws ShapeError unless tokens are [b, t]; DomainError when there are more positions than `maxLength`, a token is none, or dropout is due
   * and there is no `rng`
   */
  call(tokens: Tensor, context: DecoderContext = {}): Tensor {
    return this.lm_head.call(this.model.call(tokens, context), context);
  }
}
