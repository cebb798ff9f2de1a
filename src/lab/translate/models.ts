import { LorentzTransformer } from '../../hyperbolic/transformer/model.ts';
import { Transformer, type TransformerConfiguration } from '../../nn/models/transformer.ts';
import type { Seq2Seq } from '../../nn/sequenceModel.ts';
import type { Rng } from '../../tensor/rng.ts';

/** What a translation model is made from. */
export type Seq2SeqConfiguration = Required<
  Pick<
    TransformerConfiguration,
    | 'sourceVocabulary'
    | 'vocabulary'
    | 'embedDim'
    | 'heads'
    | 'layers'
    | 'feedForward'
    | 'dropout'
    | 'attentionDropout'
    | 'maxLength'
  >
>;

/** A kind of translation model. */
export interface Seq2SeqKind {
  /** For readers. */
  readonly label: string;
  make(configuration: Seq2SeqConfiguration, rng: Rng): Seq2Seq;
}

/** Kinds of translation models. */
export const seq2SeqNames = ['euclidean', 'hyperbolic'] as const;

/** The name of a kind on the command line. */
export type Seq2SeqName = (typeof seq2SeqNames)[number];

/**
 * How each kind is made. In Euclidean space the one vocabulary of both languages is one table: embeddings of the source, of the target, and the
 * weight of the logits. HyboNet's embeddings and the points of its logits are tables of their own.
 */
export const seq2SeqModels: Readonly<Record<Seq2SeqName, Seq2SeqKind>> = {
  euclidean: {
    label: 'Transformer',
    make: (configuration, rng) => new Transformer({ ...configuration, tie: 'all' }, { rng }),
  },
  hyperbolic: {
    label: 'HyboNet Transformer',
    make: (configuration, rng) => new LorentzTransformer(configuration, { rng }),
  },
};
