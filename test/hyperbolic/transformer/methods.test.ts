/** Training methods in Lorentz Transformers: which maps they replace, that the function stays, what they count, and a long training. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type LorentzTransformer,
  type LorentzTransformerName,
  lorentz,
  lorentzTransformer,
  lorentzTransformerConfigurations,
} from '../../../src/hyperbolic/index.ts';
import { allocations, crossEntropy, DomainError, meta, noGrad, Rng, type Tensor, zeros } from '../../../src/index.ts';
import { adam, beamSearch, blockLayers, continueTranslations, fit } from '../../../src/nn/index.ts';
import { accounting, convert, type MethodChoice } from '../../../src/sst/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { randomRows, tokensOf, vocabulary } from '../../nn/models/make.ts';
import { lorentzTransformers } from './make.ts';

const methods = ['sst', 'lora', 'relora'] as const;
const tokens = tokensOf(randomRows(3, [6, 6]));

/** The maps of one attention, and of the feed-forward part. */
const parts = (attention: readonly string[]): string[] => [
  ...attention.flatMap((name) => ['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((part) => `${name}.${part}.map`)),
  'linear1.map',
  'linear2.map',
];
const insideBlocks = [0, 1].flatMap((i) => [
  ...parts(['self_attn']).map((path) => `encoder.layers.${i}.${path}`),
  ...parts(['self_attn', 'multihead_attn']).map((path) => `decoder.layers.${i}.${path}`),
]);

for (const [name, make] of Object.entries(lorentzTransformers))
  describe(name, () => {
    for (const method of methods)
      test(`${method} replaces each linear map of the blocks and nothing else, and the function stays`, () => {
        const model = make({ seed: 1, dtype: 'float32' });
        const call = (): Tensor => noGrad(() => model.call(tokens, { target: tokens }));
        const before = call();
        const plan = convert(model, { method, rank: 2, rng: new Rng(7), ...blockLayers });
        assert.deepEqual(plan.layers.map(({ path }) => path).sort(), [...insideBlocks].sort());
        assertClose(call(), before, 1e-4, 'converted');
        plan.merge();
        assertClose(call(), before, 1e-4, 'merged');
      });
  });

describe('configurations by name', () => {
  const rng = new Rng(1);
  const vocabularies = { sourceVocabulary: 1000, vocabulary: 900, rng, device: meta } as const;
  const shapes = (name: string, more: object = {}): LorentzTransformer =>
    lorentzTransformer(name as LorentzTransformerName, { ...vocabularies, ...more });

  test('each is built and called as shapes, without one buffer', () => {
    const before = allocations().count;
    const some = zeros([2, 5], { dtype: 'int32', device: meta });
    for (const name of Object.keys(lorentzTransformerConfigurations))
      assert.deepEqual(shapes(name).call(some, { target: some }).shape, [2, 5, 900], name);
    assert.equal(allocations().count, before);
  });

  test("the paper's sizes: 6 + 6 layers of 64 to 256, and what they count", () => {
    // A linear layer has a scale of its own, attention one more; out_proj has no bias, W₁ and W₂ are d to 4d and back.
    const attention = (d: number): number => 4 * d * d + 3 * d + 5;
    const feed = (d: number): number => 8 * d * d + 5 * d + 2;
    const stack = (d: number, count: number): number => 6 * (count * attention(d) + feed(d)) + 1024 * d + d * d + 1;
    // The tables of both sides, the points of the logits, and the number added to each.
    const tables = (d: number): number => (1000 + 900 + 900) * d + 900;
    for (const d of [64, 128, 256]) {
      const name = `lorentz-transformer-${d}`;
      assert.equal(accounting(shapes(name)).trainable, stack(d, 1) + stack(d, 2) + tables(d), name);
      const tied = shapes(name, { tie: 'all', sourceVocabulary: 900 });
      assert.equal(accounting(tied).trainable, stack(d, 1) + stack(d, 2) + 900 * d + 900, name);
      // 16 maps in a layer of each side: d to d but for two, r(m + n) in LoRA, and min(m, n) more in SST.
      const [rank, maps] = [4, 6 * 16];
      const low = (choice: MethodChoice): number =>
        accounting(convert(shapes(name), { ...choice, ...blockLayers }).model).trainable;
      const dense = 6 * (12 * d * d + 2 * 8 * d * d);
      const lora = stack(d, 1) + stack(d, 2) + tables(d) - dense + rank * (12 * 6 * 2 * d + 4 * 6 * 5 * d);
      assert.equal(low({ method: 'lora', rank, rng }), lora);
      assert.equal(low({ method: 'relora', rank, rng }), lora);
      assert.equal(low({ method: 'sst', rank, rng }), lora + maps * d);
    }
  });

  test('an unknown name is refused with those that there are, and a size that does not fit by name', () => {
    for (const name of ['lorentz-transformer-512', 'toString', 7, undefined])
      assertRefuses(() => shapes(name as never), DomainError, 'lorentzTransformer', /lorentz-transformer-64/);
    const odd = { layers: 0 };
    assertRefuses(() => shapes('lorentz-transformer-tiny', odd), DomainError, 'LorentzTransformer', /layers/);
  });
});

/** A dozen sentences, to be learnt by heart: each is its own translation. */
const sentences = randomRows(11, new Array<number>(12).fill(4)).map((row) => row.map((token) => Math.max(1, token)));

/** Losses of 300 steps of Adam in float32 on four of the sentences at a time; the model then has dense weights. */
async function trained(model: LorentzTransformer, choice: MethodChoice): Promise<number[]> {
  const plan = convert(model, { ...choice, ...blockLayers });
  const optimizer = adam(plan.groups(), { lr: 0.01 });
  const [rng, losses] = [new Rng(5), [] as number[]];
  const drawn = (): number[][] => Array.from({ length: 4 }, () => sentences[rng.below(sentences.length)]);
  const steps = 300;
  const run = fit({
    model,
    optimizer,
    steps,
    batches: Array.from({ length: steps }, drawn),
    hooks: [plan.hook(optimizer)],
    loss(rows) {
      const target = tokensOf(rows.map((row) => [0, ...row.slice(0, -1)]));
      return crossEntropy(model.call(tokensOf(rows), { target }), tokensOf(rows));
    },
  });
  for await (const event of run) if (event.type === 'step') losses.push(event.loss);
  plan.merge();
  return losses;
}

test('300 steps of SST: no NaN, points stay points, and every sentence is found again by a search', async () => {
  const sizes = { embedDim: 16, heads: 2, layers: 1, feedForward: 32, dropout: 0, maxLength: 8 };
  const model = lorentzTransformer('lorentz-transformer-tiny', {
    sourceVocabulary: vocabulary,
    vocabulary,
    rng: new Rng(1),
    ...sizes,
  });
  const rng = new Rng(7);
  const losses = await trained(model, { method: 'sst', rank: 4, rng, stepsPerIteration: 25, warmup: 5 });
  assert.ok(losses.every(Number.isFinite), `${losses}`);
  const [first, last] = [losses.slice(0, 10), losses.slice(-10)].map((all) => all.reduce((a, b) => a + b) / 10);
  assert.ok(last < 0.05 * first, `${first} to ${last}`);
  for (const table of [model.encoder.embed_tokens.weight, model.decoder.embed_tokens.weight, model.lm_head.points])
    assert.ok(lorentz(1).check(table).ok, `${lorentz(1).check(table).reason}`);
  const begun = continueTranslations(model, tokensOf(sentences), { begin: 0 });
  const found = await beamSearch(begun, { beam: 2, maxTokens: 4 });
  const copies = found.map(([{ tokens: best }]) => best);
  assert.deepEqual(copies, sentences);
});
