/** Logits, losses and gradients of small language and translation models, as in PyTorch, in float64 and float32. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LorentzTransformer, type LorentzTransformerConfiguration } from '../../src/hyperbolic/index.ts';
import { cast, crossEntropy, grad, mul, Rng, split, type Tensor, unsqueeze, where } from '../../src/index.ts';
import {
  EncoderDecoder,
  Llama,
  type LlamaConfiguration,
  loadStateDict,
  type Module,
  Opt,
  type OptConfiguration,
  stateDict,
  Transformer,
  type TransformerConfiguration,
} from '../../src/nn/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/tensor/io/safetensors.ts';
import { assertClose } from '../harness/compare.ts';
import { at } from '../harness/module.ts';
import { assertGolden, decode, type Encoded, family } from './golden.ts';

type Encodings = Readonly<Record<string, Encoded>>;
interface ModelCase {
  readonly name: string;
  readonly sizes: OptConfiguration & LlamaConfiguration & TransformerConfiguration & LorentzTransformerConfiguration;
  readonly inputs: Encodings;
  readonly state: Encodings;
  readonly logits: Encoded;
  readonly loss: number;
  readonly grads: Encodings;
}
type Model = Opt | Llama | Transformer | LorentzTransformer;
type Floating = 'float32' | 'float64';

const cases = family<ModelCase>('models');
const options = (dtype: Floating): { rng: Rng; dtype: Floating } => ({ rng: new Rng(1), dtype });

/** Our names and values of PyTorch's: packed projections one by one. */
const separate = (record: Encodings): Map<string, Tensor> =>
  new Map(
    Object.entries(record).flatMap(([name, encoded]): [string, Tensor][] => {
      const value = decode(encoded);
      const packed = /^(.*)in_proj_(weight|bias)$/.exec(name);
      if (packed === null) return [[name, value]];
      const parts = split(value, { size: value.shape[0] / 3 });
      return ['q', 'k', 'v'].map((part, i) => [`${packed[1]}${part}_proj.${packed[2]}`, parts[i]]);
    }),
  );

const made = ({ name, sizes }: ModelCase, dtype: Floating): Model =>
  name.startsWith('opt')
    ? new Opt(sizes, options(dtype))
    : name.startsWith('llama')
      ? new Llama(sizes, options(dtype))
      : name.startsWith('lorentz')
        ? new LorentzTransformer(sizes, options(dtype))
        : new Transformer(sizes, options(dtype));

/** The model of a case with its weights. */
function loaded(one: ModelCase, dtype: Floating): Model {
  const model = made(one, dtype);
  const state = [...separate(one.state)].map(([name, t]): [string, Tensor] => [name, cast(t, dtype)]);
  loadStateDict(model, new Map(state));
  return model;
}

/** Logits where there are tokens, 0 elsewhere, and the mean loss there. */
function computed(model: Model, { inputs }: ModelCase): { logits: Tensor; loss: Tensor } {
  const { tokens, target, next, mask } = Object.fromEntries(
    Object.entries(inputs).map(([name, encoded]) => [name, decode(encoded)]),
  );
  if (model instanceof EncoderDecoder) {
    const logits = model.call(tokens, { target, mask });
    return { logits, loss: crossEntropy(logits, next) };
  }
  const logits = model.call(tokens, { mask });
  const loss = crossEntropy(logits, where(mask, target, -100), { ignoreIndex: -100 });
  return { logits: mul(logits, cast(unsqueeze(mask, -1), logits.dtype as Floating)), loss };
}

describe('models with copied weights', () => {
  for (const one of cases)
    test(one.name, () => {
      const model = loaded(one, 'float64');
      const { logits, loss } = computed(model, one);
      assertGolden(logits, one.logits, 1e-10, 'logits');
      assert.ok(Math.abs(loss.item() - one.loss) < 1e-12 * one.loss, `loss ${loss.item()}, expected ${one.loss}`);
      const wanted = [...separate(one.grads)];
      const found = grad(
        loss,
        wanted.map(([name]) => at(model, name) as Tensor),
      );
      for (const [i, [name, expected]] of wanted.entries()) assertClose(found[i], expected, 1e-10, name);
      const single = loaded(one, 'float32');
      const near = cast(computed(single, one).logits, 'float64');
      assertClose(near, decode(one.logits), 1e-5, 'float32');
    });
});

test('a file with or without the weight of a tied head loads; one that differs from the embedding is refused', () => {
  const [one] = cases;
  const model = loaded(one, 'float32');
  const names = [...stateDict(model).keys()];
  assert.ok(!names.includes('lm_head.weight') && names.includes('model.decoder.embed_tokens.weight'));
  const other = made(one, 'float32');
  loadStateDict(other, readSafetensors(writeSafetensors(stateDict(model))).tensors);
  const { logits } = computed(model, one);
  assertClose(computed(other, one).logits.detach(), logits.detach(), 0, 'without');
  const embedding = stateDict(model).get('model.decoder.embed_tokens.weight') as Tensor;
  const withHead = new Map([...stateDict(model), ['lm_head.weight', embedding] as const]);
  const third: Module = made(one, 'float32');
  assert.deepEqual(loadStateDict(third, withHead).unexpected, []);
  const wrong = new Map([...withHead, ['lm_head.weight', mul(embedding, 2)] as const]);
  assert.throws(() => loadStateDict(third, wrong), /lm_head.weight differs/);
});
