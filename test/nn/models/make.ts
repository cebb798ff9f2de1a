/** Models of few tokens and narrow layers, with every option that changes what is computed, and random tokens for them. */
import { type Device, type DType, noGrad, Rng, type Tensor, tensor } from '../../../src/index.ts';
import {
  type DecoderOnly,
  type EncoderDecoderSizes,
  Llama,
  Opt,
  type Seq2Seq,
  Transformer,
  type TransformerConfiguration,
} from '../../../src/nn/index.ts';

/** How a model is made. */
export interface Making {
  readonly seed: number;
  readonly dtype: Extract<DType, 'float32' | 'float64'>;
  readonly device?: Device;
  readonly dropout?: number;
}

/** Tokens of every model here. */
export const vocabulary = 13;
const sizes = { vocabulary, embedDim: 8, heads: 2, layers: 2, feedForward: 12, maxLength: 24 };

const parts = ({ seed, dtype, device }: Making): { rng: Rng; dtype: 'float32' | 'float64'; device?: Device } => ({
  rng: new Rng(seed),
  dtype,
  ...(device !== undefined && { device }),
});

/** Larger weights than those that training begins with: what tokens say has to matter. */
function louder<M extends DecoderOnly | Seq2Seq>(model: M): M {
  noGrad(() => {
    for (const [name, p] of model.namedParameters())
      if (p.device.hasData && /(proj|fc\d|linear\d|embed\w*|head)\.weight$/.test(name)) p.assign_(p.mul(10).detach());
  });
  return model;
}

/** Language models by name. */
export const languageModels: Readonly<Record<string, (making: Making) => DecoderOnly>> = {
  opt: (making) => louder(new Opt({ ...sizes, dropout: making.dropout ?? 0 }, parts(making))),
  'opt, norm last, projected': (making) =>
    louder(new Opt({ ...sizes, wordDim: 4, normFirst: false, dropout: making.dropout ?? 0 }, parts(making))),
  llama: (making) => louder(new Llama({ ...sizes, attentionDropout: making.dropout ?? 0 }, parts(making))),
};

const translation =
  (more: Partial<TransformerConfiguration>) =>
  (making: Making): Seq2Seq =>
    new Transformer({ ...sizes, sourceVocabulary: vocabulary, dropout: making.dropout ?? 0, ...more }, parts(making));

/** Translation models by name. */
export const translationModels: Readonly<Record<string, (making: Making) => Seq2Seq>> = {
  transformer: translation({}),
  'transformer, norm first, one table': translation({ normFirst: true, tie: 'all' }),
};

/** What no translation model of `vocabulary` tokens can be, and what its error says. */
export const refusedSizes: readonly (readonly [more: Partial<EncoderDecoderSizes>, message: RegExp])[] = [
  [{ layers: 0 }, /layers/],
  [{ vocabulary: 1.5 }, /vocabulary/],
  [{ maxLength: 0 }, /maxLength/],
  [{ dropout: 2 }, /chance/],
  [{ tie: 'both' as never }, /tie is/],
  [{ tie: 'all', sourceVocabulary: 3 }, /3 and 13/],
];

/** int32 [b, t] of tokens, all rows of one length. */
export const tokensOf = (rows: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0]?.length ?? 0] });

/** Random rows of tokens. */
export function randomRows(seed: number, lengths: readonly number[]): number[][] {
  const rng = new Rng(seed);
  return lengths.map((n) => Array.from({ length: n }, () => rng.below(vocabulary)));
}
