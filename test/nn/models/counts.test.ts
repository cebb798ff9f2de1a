/** Every count of the paper's Table 2 from the models themselves, built as shapes: no memory is taken (PAPER 2.9). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allocations, DomainError, meta, Rng, zeros } from '../../../src/index.ts';
import {
  blockLayers,
  type LanguageModelName,
  languageModel,
  llamaConfigurations,
  type Module,
  optConfigurations,
  transformerConfigurations,
  translationModel,
} from '../../../src/nn/index.ts';
import { accounting, convert, type MethodChoice } from '../../../src/sst/index.ts';
import { assertRefuses } from '../../harness/compare.ts';

const rng = new Rng(1);
const shapes = (name: LanguageModelName): Module => languageModel(name, { rng, device: meta });

interface Published {
  readonly name: LanguageModelName;
  readonly rank: number;
  readonly full: number;
  readonly lora: number;
  readonly sst: number;
}

const table: readonly Published[] = [
  { name: 'opt-125m', rank: 64, full: 125_239_296, lora: 50_921_472, sst: 50_976_768 },
  { name: 'opt-350m', rank: 64, full: 331_196_416, lora: 57_518_080, sst: 57_665_536 },
  { name: 'opt-1.3b', rank: 64, full: 1_315_758_080, lora: 164_421_632, sst: 164_716_544 },
  { name: 'llama-130m', rank: 64, full: 134_105_856, lora: 60_377_856, sst: 60_442_368 },
  { name: 'llama-1.3b', rank: 128, full: 1_339_082_752, lora: 250_706_944, sst: 251_051_008 },
];

describe('trainable parameters as published', () => {
  for (const { name, rank, ...published } of table)
    test(name, () => {
      const before = allocations().count;
      const count = (choice: MethodChoice): number =>
        accounting(convert(shapes(name), { ...choice, ...blockLayers }).model).trainable;
      assert.equal(count({ method: 'full' }), published.full);
      assert.equal(count({ method: 'lora', rank, rng }), published.lora);
      assert.equal(count({ method: 'relora', rank, rng }), published.lora);
      assert.equal(count({ method: 'sst', rank, rng }), published.sst);
      assert.equal(allocations().count, before);
    });

  test('GaLore (Table 13): what is dense and half of r(m + n) of each layer', () => {
    for (const [name, expected] of [
      ['opt-125m', 45_613_056],
      ['opt-350m', 43_362_304],
    ] as const) {
      const { model, layers } = convert(shapes(name), { method: 'full', ...blockLayers });
      const sizes = layers.map(({ layer }) => [layer.outFeatures, layer.inFeatures]);
      const dense = accounting(model).trainable - sizes.reduce((sum, [m, n]) => sum + m * n, 0);
      assert.equal(dense + sizes.reduce((sum, [m, n]) => sum + (64 * (m + n)) / 2, 0), expected);
    }
  });
});

describe('configurations by name', () => {
  test('each is built and called as shapes, without one buffer', () => {
    const before = allocations().count;
    const tokens = zeros([2, 5], { dtype: 'int32', device: meta });
    for (const name of [...Object.keys(optConfigurations), ...Object.keys(llamaConfigurations)]) {
      const model = languageModel(name as LanguageModelName, { rng, device: meta, vocabulary: 99 });
      assert.deepEqual(model.call(tokens).shape, [2, 5, 99], name);
    }
    for (const name of Object.keys(transformerConfigurations) as 'transformer-64'[]) {
      const sizes = { sourceVocabulary: 70, vocabulary: 90, rng, device: meta };
      assert.deepEqual(translationModel(name, sizes).call(tokens, { target: tokens }).shape, [2, 5, 90], name);
    }
    assert.equal(allocations().count, before);
  });

  test("the paper's Transformers: 6 + 6 layers of 64 to 512, and what they count", () => {
    // A layer of width d with 4d inner features has 4d² + 4d in attention, 8d² + 5d in feed-forward, 2d in a normalisation.
    const encoder = (d: number): number => 12 * d * d + 13 * d;
    const decoder = (d: number): number => 16 * d * d + 19 * d;
    for (const d of [64, 128, 256, 512]) {
      const sizes = { sourceVocabulary: 1000, vocabulary: 1000, tie: 'all', rng, device: meta } as const;
      const model = translationModel(`transformer-${d}` as 'transformer-64', sizes);
      assert.equal(accounting(model).trainable, 6 * (encoder(d) + decoder(d)) + 1000 * d);
      assert.equal(convert(model, { method: 'lora', rank: 4, rng, ...blockLayers }).layers.length, 6 * 16);
    }
  });

  test('an unknown name is refused with those that there are, and a size that does not fit by name', () => {
    for (const name of ['opt-6.7b', 'toString', '__proto__', 7, undefined]) {
      assertRefuses(() => languageModel(name as never, { rng }), DomainError, 'languageModel', /opt-125m/);
      const vocabularies = { sourceVocabulary: 5, vocabulary: 5, rng };
      assertRefuses(() => translationModel(name as never, vocabularies), DomainError, 'translationModel', /-512/);
    }
    assertRefuses(() => languageModel('opt-tiny', { rng, layers: 0 }), DomainError, 'Opt', /layers/);
    assertRefuses(() => languageModel('llama-tiny', { rng, heads: 64 }), DomainError, 'Llama', /heads/);
  });
});
