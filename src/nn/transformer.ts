import type { Tensor } from '../tensor/tensor.ts';
import type { AttentionContext, AttentionHeads } from './attentionHeads.ts';
import type { LayerNorm } from './layerNorm.ts';
import { attentionOf, normOf, TransformerLayer, type TransformerLayerOptions } from './transformerLayer.ts';

/** Options of a layer of a transformer encoder. */
export type TransformerEncoderLayerOptions = TransformerLayerOptions;

/** Options of a layer of a transformer decoder. */
export type TransformerDecoderLayerOptions = TransformerLayerOptions;

/**
 * One layer of a transformer encoder: y = norm1(x + attention(x)), z = norm2(y + linear2(f(linear1(y)))), or with the
 * normalisations first, y = x + attention(norm1(x)), z = y + linear2(f(linear1(norm2(y)))). Parameters have PyTorch's names.
 *
 * @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or an option is unknown
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.1; Xiong et al., "On layer normalization in
 * the transformer architecture", arXiv 2002.04745, for the normalisations first
 */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(embedDim: number, heads: number, options: TransformerEncoderLayerOptions) {
    super('TransformerEncoderLayer', embedDim, heads, options);
  }

  /**
   * @param x […, t, e], or [t, b, e] where the sequence is first
   * @param context `mask`, `keyMask`, `causal` and `cache` as in `MultiheadAttention`
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: Omit<AttentionContext, 'key' | 'value'> = {}): Tensor {
    const y = this.attended(x, this.norm1, this.self_attn, context);
    return this.fedForward(y, this.norm2, context);
  }
}

/** What a decoder layer depends on besides its input. */
export interface DecoderLayerContext extends Omit<AttentionContext, 'key' | 'value'> {
  /** What the encoder gives, […, s, e]. */
  readonly memory: Tensor;
  /** bool […, s]: which places of the memory there are. Default: all. */
  readonly memoryMask?: Tensor;
}

/** What attention to the memory depends on, out of what its layer does: all of the memory that there is may be seen. */
export function acrossContext(context: DecoderLayerContext): AttentionContext {
  const { memory, memoryMask, training = false, rng, cache } = context;
  return {
    key: memory,
    training,
    ...(rng !== undefined && { rng }),
    ...(cache !== undefined && { cache }),
    ...(memoryMask !== undefined && { keyMask: memoryMask }),
  };
}

/**
 * One layer of a transformer decoder: attention to itself, `multihead_attn` to the encoder's memory, feed-forward, each with its way around
 * and its normalisation (`norm1`, `norm2`, `norm3`) as in `TransformerEncoderLayer`. The context says whether attention to itself is
 * causal. Parameters have PyTorch's names.
 *
 * @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or an option is unknown
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.1
 */
export class TransformerDecoderLayer extends TransformerLayer {
  multihead_attn: AttentionHeads;
  norm3: LayerNorm;

  constructor(embedDim: number, heads: number, options: TransformerDecoderLayerOptions) {
    super('TransformerDecoderLayer', embedDim, heads, options);
    this.multihead_attn = attentionOf('TransformerDecoderLayer', embedDim, heads, options);
    this.norm3 = normOf(embedDim, options);
  }

  /**
   * @param x […, t, e], or [t, b, e] where the sequence is first
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: DecoderLayerContext): Tensor {
    const y = this.attended(x, this.norm1, this.self_attn, context);
    const z = this.attended(y, this.norm2, this.multihead_attn, acrossContext(context));
    return this.fedForward(z, this.norm3, context);
  }
}
