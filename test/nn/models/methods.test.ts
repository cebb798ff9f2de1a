/** Training methods in the models: which linear maps they replace, that the function stays, and that it then learns. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crossEntropy, noGrad, Rng, slice, type Tensor } from '../../../src/index.ts';
import {
  adam,
  blockLayers,
  DecodingCache,
  fit,
  type Linear,
  type Module,
  type TrainEvent,
} from '../../../src/nn/index.ts';
import { convert, type MethodChoice, SpectralLinear } from '../../../src/sst/index.ts';
import { assertClose } from '../../harness/compare.ts';
import { at } from '../../harness/module.ts';
import { languageModels, randomRows, tokensOf, translationModels } from './make.ts';

const methods = ['sst', 'lora', 'relora'] as const;
const choice = (method: (typeof methods)[number]): MethodChoice => ({ method, rank: 2, rng: new Rng(7) });
const tokens = tokensOf(randomRows(3, [6, 6]));
const models: Readonly<Record<string, () => { readonly model: Module; call(): Tensor }>> = {
  ...Object.fromEntries(
    Object.entries(languageModels).map(([name, make]) => [
      name,
      () => {
        const model = make({ seed: 1, dtype: 'float32' });
        return { model, call: () => model.call(tokens) };
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(translationModels).map(([name, make]) => [
      name,
      () => {
        const model = make({ seed: 1, dtype: 'float32' });
        return { model, call: () => model.call(tokens, { target: tokens }) };
      },
    ]),
  ),
};

const parts: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^opt/, ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.out_proj', 'fc1', 'fc2']],
  [
    /^llama/,
    [
      ...['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj'],
      ...['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'],
    ],
  ],
];
const attention = (name: string): string[] =>
  ['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((part) => `${name}.${part}`);
const feed = ['linear1', 'linear2'];

/** The linear maps inside the blocks. */
function insideBlocks(name: string): string[] {
  const [, own] = parts.find(([pattern]) => pattern.test(name)) ?? [];
  const inAll = (root: string, names: readonly string[]): string[] =>
    [0, 1].flatMap((i) => names.map((part) => `${root}.${i}.${part}`));
  if (own !== undefined) return inAll(name.startsWith('opt') ? 'model.decoder.layers' : 'model.layers', own);
  return [
    ...inAll('encoder.layers', [...attention('self_attn'), ...feed]),
    ...inAll('decoder.layers', [...attention('self_attn'), ...attention('multihead_attn'), ...feed]),
  ];
}

for (const [name, make] of Object.entries(models))
  describe(name, () => {
    for (const method of methods)
      test(`${method} replaces each linear map of the blocks and nothing else, and the function stays`, () => {
        const { model, call } = make();
        const before = noGrad(call);
        const plan = convert(model, { ...choice(method), ...blockLayers });
        assert.deepEqual(plan.layers.map(({ path }) => path).sort(), insideBlocks(name).sort());
        for (const { path, layer } of plan.layers) assert.equal(at(model, path), layer);
        assertClose(noGrad(call), before, 1e-5, 'converted');
        plan.merge();
        assertClose(noGrad(call), before, 1e-5, 'merged');
      });

    test('without a selection the head stays as it is', () => {
      const { model } = make();
      const head = (model as unknown as { lm_head: Linear }).lm_head;
      const plan = convert(model, choice('lora'));
      assert.equal((model as unknown as { lm_head: Linear }).lm_head, head);
      assert.ok(plan.layers.every(({ path }) => path !== 'lm_head'));
    });
  });

test('an OPT trained by SST learns a text, and goes on with a cache as without', async () => {
  const model = languageModels.opt({ seed: 1, dtype: 'float32' });
  const plan = convert(model, {
    method: 'sst',
    rank: 2,
    stepsPerIteration: 10,
    warmup: 2,
    rng: new Rng(7),
    ...blockLayers,
  });
  assert.ok(plan.layers[0].layer instanceof SpectralLinear);
  const optimizer = adam(plan.groups(), { lr: 0.01 });
  const [input, target] = [0, 1].map((from) => slice(tokens, [null, [from, from + 5]]));
  const events: TrainEvent<unknown>[] = [];
  const run = fit({
    model,
    optimizer,
    steps: 60,
    batches: Array.from({ length: 60 }, () => input),
    hooks: [plan.hook(optimizer)],
    loss: (x) => crossEntropy(model.call(x), target),
  });
  for await (const event of run) events.push(event as TrainEvent<unknown>);
  const losses = events.flatMap((event) =>
    (event as { type: string }).type === 'step' ? [(event as { loss: number }).loss] : [],
  );
  assert.equal(losses.length, 60);
  assert.ok(losses[59] < 0.2 * losses[0], `${losses[0]} to ${losses[59]}`);
  const whole = noGrad(() => model.call(input));
  const cache = new DecodingCache();
  for (let i = 0; i < 5; i++) {
    const y = noGrad(() => model.call(slice(input, [null, [i, i + 1]]), { cache }));
    assertClose(y, slice(whole, [null, [i, i + 1]]), 1e-5, `token ${i}`);
  }
});
