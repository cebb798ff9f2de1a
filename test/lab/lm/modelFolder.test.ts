/** Model folders: what is written is read again, what others wrote is read or refused, and each refusal names its file. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { meta, noGrad, Rng } from '../../../src/index.ts';
import {
  configurationJson,
  type LmConfiguration,
  modelOf,
  readConfiguration,
} from '../../../src/lab/lm/configuration.ts';
import { readModelFolder } from '../../../src/lab/lm/modelFolder.ts';
import { lmModelNames, lmModels } from '../../../src/lab/lm/settings.ts';
import { languageModel, loadStateDict, stateDict } from '../../../src/nn/index.ts';
import { readSafetensors } from '../../../src/tensor/io/safetensors.ts';
import { tokensOf } from '../../nn/models/make.ts';
import { inFolder } from '../program.ts';
import { assertRefused, folderIn } from '../text/files.ts';
import { corpus, settings, writtenModel } from './rhymes.ts';

const { special } = corpus.tokenizer;

const shapes = (configuration: LmConfiguration): [string, readonly number[]][] =>
  Array.from(stateDict(modelOf(configuration, { rng: new Rng(0), device: meta })), ([name, { shape }]) => [
    name,
    shape,
  ]);

/** Read a configuration from a text. */
const reading = (text: string): Promise<LmConfiguration> => {
  let found: LmConfiguration | undefined;
  return inFolder(async (folder) => {
    found = readConfiguration(join(folderIn(folder, 'model', { 'config.json': text }), 'config.json'));
  }).then(() => found as LmConfiguration);
};

describe('config.json', () => {
  const size = fc.integer({ min: 1, max: 5 });
  const sizes = fc
    .record({ heads: size, width: size, layers: size, feedForward: size, vocabulary: size, maxLength: size })
    .map(({ heads, width, ...rest }) => ({ ...rest, heads, embedDim: 2 * heads * width }));
  const opt = fc.tuple(sizes, size, fc.boolean(), fc.constantFrom(0, 0.1)).map(
    ([all, wordDim, normFirst, dropout]): LmConfiguration => ({
      ...all,
      family: 'opt',
      wordDim,
      normFirst,
      dropout,
      attentionDropout: 0,
    }),
  );
  const llama = sizes.map(
    (all): LmConfiguration => ({
      ...all,
      family: 'llama',
      eps: 1e-5,
      rotaryBase: 500,
      attentionDropout: 0.2,
    }),
  );

  test('says everything of a model, and reads as the same configuration', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(opt, llama), async (configuration) => {
        assert.deepEqual(await reading(configurationJson(configuration, special)), configuration);
      }),
      { numRuns: 25 },
    ));

  test('says what a configuration leaves to its defaults', async () => {
    for (const name of lmModelNames) {
      const found = await reading(configurationJson(lmModels[name], special));
      if (!name.includes('1.3b')) assert.deepEqual(shapes(found), shapes(lmModels[name]), name);
      for (const [member, value] of Object.entries(lmModels[name]))
        assert.equal((found as unknown as Record<string, unknown>)[member], value, `${name}: ${member}`);
    }
  });

  test('is that of Hugging Face', async () => {
    // What the published OPT-350M and a LLaMA say of themselves.
    const published = {
      activation_dropout: 0,
      activation_function: 'relu',
      architectures: ['OPTForCausalLM'],
      attention_dropout: 0,
      bos_token_id: 2,
      do_layer_norm_before: false,
      dropout: 0.1,
      eos_token_id: 2,
      ffn_dim: 4096,
      hidden_size: 1024,
      init_std: 0.02,
      layerdrop: 0,
      max_position_embeddings: 2048,
      model_type: 'opt',
      num_attention_heads: 16,
      num_hidden_layers: 24,
      pad_token_id: 1,
      vocab_size: 50272,
      word_embed_proj_dim: 512,
    };
    assert.deepEqual(shapes(await reading(JSON.stringify(published))), shapes(lmModels['opt-350m']));
    const llama = {
      model_type: 'llama',
      hidden_act: 'silu',
      hidden_size: 768,
      intermediate_size: 2048,
      num_attention_heads: 12,
      num_hidden_layers: 12,
      rms_norm_eps: 1e-6,
      vocab_size: 32000,
    };
    assert.deepEqual(shapes(await reading(JSON.stringify(llama))), shapes(lmModels['llama-130m']));
  });

  test('of another model, or damaged, is refused with its name', async () => {
    const good = JSON.parse(configurationJson(lmModels['llama-tiny'], special));
    const refused = (change: Record<string, unknown>, why: RegExp): Promise<void> =>
      assert.rejects(reading(JSON.stringify({ ...good, ...change })), why);
    await refused({ model_type: 'gpt2' }, /config\.json: model_type is "opt" or "llama", got "gpt2"/);
    await refused({ hidden_act: 'gelu' }, /config\.json: hidden_act is "silu", got "gelu"/);
    await refused({ rope_scaling: { factor: 2 } }, /rope_scaling is null/);
    await refused({ num_key_value_heads: 2 }, /num_key_value_heads is 4, got 2/);
    await refused({ hidden_size: '64' }, /hidden_size is a number >= 0, got "64"/);
    await refused({ vocab_size: undefined }, /vocab_size is a number >= 0, got nothing/);
    await assert.rejects(reading('{'), /config\.json:1: is not JSON/);
    await assert.rejects(
      reading(JSON.stringify({ model_type: 'opt', activation_function: 'gelu' })),
      /activation_function is "relu", got "gelu"/,
    );
  });
});

describe('a model folder', () => {
  test('gives the same logits, as it is and in a model by name', () =>
    inFolder(async (root) => {
      const tokens = tokensOf([[2, 9, 30, 4, 5]]);
      for (const name of ['opt', 'llama'] as const) {
        const { model, folder } = writtenModel(root, undefined, { model: name });
        const expected = noGrad(() => model.call(tokens)).data;
        const loaded = readModelFolder(folder);
        assert.deepEqual(noGrad(() => loaded.model.call(tokens)).data, expected);
        assert.deepEqual(loaded.tokenizer.vocabulary, corpus.tokenizer.vocabulary);
        const { dim: embedDim, heads, layers, feedForward, length: maxLength } = settings;
        const sizes = { vocabulary: corpus.tokenizer.size, embedDim, heads, layers, feedForward, maxLength };
        const named = languageModel(`${name}-tiny`, { ...sizes, dropout: 0, rng: new Rng(9) });
        loadStateDict(named, readSafetensors(readFileSync(join(folder, 'model.safetensors'))).tensors);
        assert.deepEqual(noGrad(() => named.call(tokens)).data, expected);
      }
    }));

  test('that lacks a file, or has a damaged one, is refused with the name of the file', () =>
    inFolder(async (root) => {
      const path = (file: string): string => join(writtenModel(root).folder, file);
      const refused = (file: string, damage: (path: string) => void, why: RegExp): void => {
        const damaged = path(file);
        damage(damaged);
        assertRefused(() => readModelFolder(join(damaged, '..')), why);
      };
      for (const file of ['config.json', 'tokenizer.json', 'model.safetensors'])
        refused(
          file,
          rmSync,
          new RegExp(`${file.replace('.', '\\.')}: no such file; a model's folder has config\\.json`),
        );
      refused('model.safetensors', (file) => truncateSync(file, 100), /model\.safetensors: readSafetensors: /);
      refused('tokenizer.json', (file) => writeFileSync(file, '{}'), /tokenizer\.json: pre_tokenizer\.type/);
      const change = (name: string, value: unknown) => (file: string) =>
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), [name]: value }));
      refused('config.json', change('ffn_dim', 17), /model\.safetensors: loadStateDict: .* not fitting: .*fc1\.weight/);
      refused('config.json', change('num_hidden_layers', 2), /model\.safetensors: .* missing: .*layers\.1\./);
      refused('config.json', change('num_attention_heads', 3), /config\.json: .*heads/);
      refused('config.json', change('vocab_size', 99), /tokenizer\.json: has \d+ tokens, and config\.json says 99/);
    }));
});
