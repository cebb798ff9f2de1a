import { silu } from '../../autograd/ops/activation.ts';
import { mul } from '../../autograd/ops/arithmetic.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { AttentionContext, Projections } from '../attentionHeads.ts';
import { Embedding } from '../embedding.ts';
import type { LinearMap } from '../linear.ts';
import { Module } from '../module.ts';
import { PositionTable, placesOf } from '../positions.ts';
import { residual } from '../residual.ts';
import { RMSNorm } from '../rmsNorm.ts';
import { type LinearMaker, makerOf, type SeparateAttentionOptions, SeparateHeads } from '../separateAttention.ts';
import type { DecoderContext, DecoderOnly } from '../sequenceModel.ts';
import { checkSizes, type DecoderSizes, lastOf, type ModelOptions, normalLinears, storedAs } from './parts.ts';
import { rotary } from './rotary.op.ts';

/** Sizes of a LLaMA model. */
export interface LlamaConfiguration extends DecoderSizes {
  /** Position i turns pair j of a head of 2h numbers by i·base^(−j/h). Default 10,000. */
  readonly rotaryBase?: number;
  /** Added to the mean square in every normalisation. Default 1e-6. */
  readonly eps?: number;
}

/** Standard deviation of the initial weights. */
const std = 0.02;

/** What attention needs besides: cosines and sines of the angles, [t, h] or [b, t, h]. */
interface RotaryContext extends AttentionContext {
  readonly rotation: readonly [cos: Tensor, sin: Tensor];
}

/** Attention whose queries and keys are turned by their positions. */
class LlamaAttention extends SeparateHeads {
  o_proj: LinearMap;

  constructor(embedDim: number, heads: number, options: SeparateAttentionOptions) {
    super('Llama', embedDim, heads, options);
    this.o_proj = makerOf(options)(embedDim, embedDim);
  }

  protected override projections(context: RotaryContext): Projections {
    const [query, key, value] = super.projections(context);
    const turned = (x: Tensor): Tensor => rotary(x, ...context.rotation);
    return [(x) => turned(query(x)), (x) => turned(key(x)), value];
  }

  protected output(joined: Tensor, context: AttentionContext): Tensor {
    return this.o_proj.call(joined, context);
  }
}

/**
 * down(silu(gate(x))·up(x)).
 * @source Shazeer, "GLU Variants Improve Transformer", arXiv 2002.05202, Section 2 (SwiGLU)
 */
class LlamaMLP extends Module {
  gate_proj: LinearMap;
  up_proj: LinearMap;
  down_proj: LinearMap;

  constructor(embedDim: number, feedForward: number, linear: LinearMaker) {
    super();
    this.gate_proj = linear(embedDim, feedForward);
    this.up_proj = linear(embedDim, feedForward);
    this.down_proj = linear(feedForward, embedDim);
  }

  call(x: Tensor, context: AttentionContext = {}): Tensor {
    return this.down_proj.call(mul(silu(this.gate_proj.call(x, context)), this.up_proj.call(x, context)), context);
  }
}

/** One layer of LLaMA, with the names of Hugging Face's `LlamaDecoderLayer`. */
class LlamaLayer extends Module {
  self_attn: LlamaAttention;
  mlp: LlamaMLP;
  input_layernorm: RMSNorm;
  post_attention_layernorm: RMSNorm;

  constructor(configuration: LlamaConfiguration, options: ModelOptions) {
    super();
    const { embedDim, heads, feedForward, eps = 1e-6, attentionDropout = 0 } = configuration;
    const linear = normalLinears({ ...options, bias: false }, std);
    const norm = { ...storedAs(options), eps };
    this.self_attn = new LlamaAttention(embedDim, heads, { ...options, linear, dropout: attentionDropout });
    this.mlp = new LlamaMLP(embedDim, feedForward, linear);
    this.input_layernorm = new RMSNorm(embedDim, norm);
    this.post_attention_layernorm = new RMSNorm(embedDim, norm);
  }

  call(x: Tensor, context: AttentionContext = {}): Tensor {
    const y = residual(x, this.input_layernorm, true, (t) => this.self_attn.call(t, context));
    return residual(y, this.post_attention_layernorm, true, (t) => this.mlp.call(t, context));
  }
}

/** Embeddings and layers of LLaMA, with the names of Hugging Face's `LlamaModel`: tokens [b, t] → vectors [b, t, embedDim]. */
class LlamaModel extends Module {
  embed_tokens: Embedding;
  readonly layers: readonly LlamaLayer[];
  norm: RMSNorm;
  readonly maxLength: number;
  readonly #cos: PositionTable;
  readonly #sin: PositionTable;

  constructor(configuration: LlamaConfiguration, options: ModelOptions) {
    super();
    const { vocabulary, embedDim, heads, layers, feedForward, maxLength = 2048 } = configuration;
    const { rotaryBase = 10_000, eps = 1e-6 } = configuration;
    checkSizes('Llama', { vocabulary, embedDim, heads, layers, feedForward, maxLength });
    if (embedDim % (2 * heads) !== 0)
      throw new DomainError('Llama', `${heads} heads of pairs of numbers do not divide ${embedDim}`);
    if (!(rotaryBase > 0 && Number.isFinite(rotaryBase)))
      throw new DomainError('Llama', `rotaryBase is a number > 0, got ${rotaryBase}`);
    this.embed_tokens = new Embedding(vocabulary, embedDim, { ...options, std });
    this.layers = Array.from({ length: layers }, () => new LlamaLayer(configuration, options));
    this.norm = new RMSNorm(embedDim, { ...storedAs(options), eps });
    this.maxLength = maxLength;
    const half = embedDim / heads / 2;
    const angle = (position: number, j: number): number => position * rotaryBase ** (-j / half);
    this.#cos = new PositionTable(half, (position, j) => Math.cos(angle(position, j)));
    this.#sin = new PositionTable(half, (position, j) => Math.sin(angle(position, j)));
  }

  call(tokens: Tensor, context: DecoderContext = {}): Tensor {
    const x = this.embed_tokens.call(tokens);
    const places = placesOf(this, 'Llama', tokens, context, this.maxLength);
    const { keyMask } = places;
    const { mask: _, ...rest } = context;
    const inner = {
      ...rest,
      causal: true,
      rotation: [this.#cos.at(places, x), this.#sin.at(places, x)] as const,
      ...(keyMask !== undefined && { keyMask }),
    };
    const y = this.layers.reduce((t, layer) => layer.call(t, inner), x);
    context.cache?.advance(tokens.shape[1]);
    return this.norm.call(lastOf(y, context));
  }
}

/**
 * LLaMA, a decoder-only language model: root-mean-square normalisation before attention and feed-forward, rotary positions, gated feed-forward, no
 * biases, a head of its own. Tokens [b, t] int32 → logits [b, t, vocabulary].
 *
 * Parameters have the names that Hugging Face's `LlamaForCausalLM` gives them (`model.layers.0.mlp.gate_proj.weight`), so safetensors of either
 * side load in the other. Weights start normal with standard deviation 0.02.
 *
 * @throws DomainError when a size is not a whole number >= 1, the heads do not divide the width into pairs, or dropout is no chance
 * @source Touvron et al., "LLaMA: Open and Efficient Foundation Language Models", arXiv 2302.13971, Section 2.2
 */
export class Llama extends Module implements DecoderOnly {
  model: LlamaModel;
  lm_head: LinearMap;
  readonly vocabulary: number;
  readonly maxLength: number;

  constructor(configuration: LlamaConfiguration, options: ModelOptions) {
    super();
    const { embedDim, vocabulary } = configuration;
    this.model = new LlamaModel(configuration, options);
    this.lm_head = normalLinears({ ...options, bias: false }, std)(embedDim, vocabulary);
    this.vocabulary = vocabulary;
    this.maxLength = this.model.maxLength;
  }

  /**
   * @throws ShapeError unless tokens are [b, t]; DomainError when there are more positions than `maxLength`, a token is none, or dropout is due
   * and there is no `rng`
   */
  call(tokens: Tensor, context: DecoderContext = {}): Tensor {
    return this.lm_head.call(this.model.call(tokens, context), context);
  }
}
