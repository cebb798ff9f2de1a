import { Llama, type LlamaConfiguration } from '../../nn/models/llama.ts';
import { Opt, type OptConfiguration } from '../../nn/models/opt.ts';
import type { ModelOptions } from '../../nn/models/parts.ts';
import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import { checkMeanings, DamagedFile, type Meaning, memberAt, shown } from '../data/damaged.ts';
import { jsonOf, openFile } from '../data/textFile.ts';
import type { SpecialIds } from '../text/text.ts';

/** Kinds of language models. */
export const familyNames = ['opt', 'llama'] as const;

/** The name of a kind, which is Hugging Face's `model_type`. */
export type FamilyName = (typeof familyNames)[number];

/** A language model's kind and sizes. */
export type LmConfiguration =
  | ({ readonly family: 'opt' } & OptConfiguration)
  | ({ readonly family: 'llama' } & LlamaConfiguration);

/** What `config.json` says of a kind, with Hugging Face's names. */
interface Family {
  /** For readers. */
  readonly label: string;
  readonly architecture: string;
  /** Numbers, and the names that they have here. */
  readonly numbers: Readonly<Record<string, string>>;
  /** Numbers that may be missing, and what they then are. */
  readonly standard: Readonly<Record<string, number>>;
  /** What these members must be to mean what the model does. */
  readonly meanings: readonly Meaning[];
}

const common = {
  vocab_size: 'vocabulary',
  hidden_size: 'embedDim',
  num_hidden_layers: 'layers',
  num_attention_heads: 'heads',
  max_position_embeddings: 'maxLength',
  attention_dropout: 'attentionDropout',
} as const;

const families: Readonly<Record<FamilyName, Family>> = {
  opt: {
    label: 'OPT',
    architecture: 'OPTForCausalLM',
    numbers: { ...common, ffn_dim: 'feedForward', word_embed_proj_dim: 'wordDim', dropout: 'dropout' },
    standard: { max_position_embeddings: 2048, dropout: 0.1, attention_dropout: 0 },
    meanings: [
      ['do_layer_norm_before', [true, false, undefined]],
      ['activation_function', ['relu', undefined]],
      ['enable_bias', [true, undefined]],
      ['layer_norm_elementwise_affine', [true, undefined]],
      ['_remove_final_layer_norm', [false, undefined]],
      ['tie_word_embeddings', [true, undefined]],
    ],
  },
  llama: {
    label: 'LLaMA',
    architecture: 'LlamaForCausalLM',
    numbers: { ...common, intermediate_size: 'feedForward', rms_norm_eps: 'eps', rope_theta: 'rotaryBase' },
    standard: { max_position_embeddings: 2048, attention_dropout: 0, rms_norm_eps: 1e-6, rope_theta: 10_000 },
    meanings: [
      ['hidden_act', ['silu', undefined]],
      ['attention_bias', [false, undefined]],
      ['mlp_bias', [false, undefined]],
      ['rope_scaling', [null, undefined]],
      ['tie_word_embeddings', [false, undefined]],
    ],
  },
};

/** The name of a kind for readers. */
export const familyLabel = (family: FamilyName): string => families[family].label;

/** The model of a configuration. @throws DomainError when a size does not fit */
export const modelOf = (configuration: LmConfiguration, options: ModelOptions): DecoderOnly =>
  configuration.family === 'opt' ? new Opt(configuration, options) : new Llama(configuration, options);

/** A configuration as the text of a Hugging Face `config.json`. */
export function configurationJson(configuration: LmConfiguration, { pad, start, end }: SpecialIds): string {
  const { family, embedDim, heads } = configuration;
  const { architecture, numbers, standard, meanings } = families[family];
  const values = configuration as unknown as Readonly<Record<string, number | undefined>>;
  const missing: Readonly<Record<string, number>> = { ...standard, word_embed_proj_dim: embedDim };
  const sizes = Object.entries(numbers).map(([name, ours]) => [name, values[ours] ?? missing[name]]);
  const own =
    family === 'opt' ? { do_layer_norm_before: configuration.normFirst ?? true } : { num_key_value_heads: heads };
  const file = {
    architectures: [architecture],
    model_type: family,
    ...Object.fromEntries(meanings.map(([name, [value]]) => [name, value])),
    ...Object.fromEntries(sizes),
    ...own,
    torch_dtype: 'float32',
    pad_token_id: pad,
    bos_token_id: start,
    eos_token_id: end,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * The configuration in a Hugging Face `config.json`, of OPT or LLaMA, written here or elsewhere.
 * @throws DamagedFile when it is none, or of a model that is not built here; ReportedError when it cannot be read
 */
export function readConfiguration(path: string): LmConfiguration {
  const file = jsonOf(openFile(path));
  checkMeanings(path, file, [['model_type', familyNames]]);
  const family = memberAt(file, 'model_type') as FamilyName;
  const { numbers, standard, meanings } = families[family];
  checkMeanings(path, file, meanings);
  const read = (name: string): number => {
    const optional = { ...standard, word_embed_proj_dim: memberAt(file, 'hidden_size') };
    const value = memberAt(file, name) ?? memberAt(optional, name);
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw new DamagedFile(path, null, `${name} is a number >= 0, got ${shown(value)}`);
  };
  const sizes = Object.fromEntries(Object.entries(numbers).map(([name, ours]) => [ours, read(name)]));
  if (family === 'opt')
    return { family, ...sizes, normFirst: memberAt(file, 'do_layer_norm_before') !== false } as LmConfiguration;
  // Heads that share keys and values would be another model.
  checkMeanings(path, file, [['num_key_value_heads', [sizes.heads, undefined]]]);
  return { family, ...sizes } as LmConfiguration;
}
