/** LayerNorm, attention and the encoder layer: laws, and what their options mean. Their numbers are held in test/golden. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { flip } from '../../src/autograd/ops/flip.ts';
import {
  DomainError,
  DTypeError,
  gradcheck,
  meta,
  Rng,
  rand,
  ShapeError,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '../../src/index.ts';
import { MultiheadAttention, type MultiheadAttentionOptions } from '../../src/nn/attention.ts';
import type { Linear } from '../../src/nn/index.ts';
import { LayerNorm } from '../../src/nn/layerNorm.ts';
import { TransformerEncoderLayer } from '../../src/nn/transformer.ts';
import { assertClose, assertRefuses, assertSame } from '../harness/compare.ts';
import { checkModule } from '../harness/module.ts';

const rngOf = (seed: number): { readonly rng: Rng; readonly dtype: 'float64' } => ({
  rng: new Rng(seed),
  dtype: 'float64',
});
const input = (shape: readonly number[], seed: number = 3): Tensor => rand(shape, new Rng(seed), { dtype: 'float64' });

checkModule({
  name: 'LayerNorm',
  make: ({ dtype, device }) => new LayerNorm(5, device ? { dtype, device } : { dtype }),
  inFeatures: 5,
  outFeatures: 5,
  size: 10,
});

describe('LayerNorm', () => {
  test('over several axes, without bias, without both', () => {
    const x = input([2, 3, 4]);
    assert.deepEqual(
      new LayerNorm([3, 4]).namedParameters().map(([name, p]) => `${name} ${p.shape}`),
      ['weight 3,4', 'bias 3,4'],
    );
    const y = new LayerNorm([3, 4], { affine: false, dtype: 'float64' }).call(x);
    for (let i = 0; i < 2; i++) {
      const row = [...y.data.slice(12 * i, 12 * i + 12)];
      assert.ok(Math.abs(row.reduce((s, v) => s + v, 0)) < 1e-12);
      assert.ok(Math.abs(row.reduce((s, v) => s + v * v, 0) / 12 - 1) < 1e-3);
    }
    assert.equal(new LayerNorm(4, { bias: false }).parameters().length, 1);
    assert.equal(new LayerNorm(4, { affine: false }).parameters().length, 0);
  });

  test('bad settings are refused by name', () => {
    for (const shape of [-1, 1.5, [], [2, -1], Number.NaN, 'x', null])
      assertRefuses(() => new LayerNorm(shape as never), DomainError, 'LayerNorm');
    for (const eps of [-1, Number.NaN, Infinity])
      assertRefuses(() => new LayerNorm(2, { eps }), DomainError, 'LayerNorm');
    assertRefuses(() => new LayerNorm(3).call(zeros([2, 4])), ShapeError, 'layerNorm');
  });
});

describe('MultiheadAttention', () => {
  const make = (options: Partial<MultiheadAttentionOptions> = {}): MultiheadAttention =>
    new MultiheadAttention(6, 3, { ...rngOf(1), ...options });

  test("has PyTorch's names, counts on meta, and any leading axes are a batch", () => {
    const names = ['in_proj_weight 18,6', 'in_proj_bias 18', 'out_proj.weight 6,6', 'out_proj.bias 6'];
    assert.deepEqual(
      make()
        .namedParameters()
        .map(([name, p]) => `${name} ${p.shape}`),
      names,
    );
    const onMeta = new MultiheadAttention(6, 3, { rng: new Rng(1), device: meta });
    assert.deepEqual(onMeta.call(zeros([2, 5, 6], { device: meta })).shape, [2, 5, 6]);
    const model = make();
    const x = input([2, 3, 4, 6]);
    const y = model.call(x);
    for (let i = 0; i < 6; i++)
      assertClose(
        y.detach().rawView([4, 6], 24 * i),
        model.call(x.rawView([4, 6], 24 * i)).detach(),
        1e-14,
        `batch ${i}`,
      );
  });

  test('starts with a Glorot-uniform first weight, a last one as in Linear, and biases of 0', () => {
    const model = new MultiheadAttention(24, 3, rngOf(1));
    const most = (t: Tensor): number => Math.max(...t.data.map(Math.abs));
    const [first, last] = [most(model.in_proj_weight), most((model.out_proj as Linear).weight)];
    assert.ok(first <= 0.25 && first > 0.24, `${first}`);
    assert.ok(last <= 1 / Math.sqrt(24) && last > 0.19, `${last}`);
    for (const [name, p] of model.namedParameters()) if (name.endsWith('bias')) assert.equal(most(p), 0, name);
  });

  test('the sequence may come first', () => {
    const x = input([2, 4, 6]);
    const first = make({ batchFirst: false }).call(transpose(x, 0, 1));
    assertClose(transpose(first, 0, 1).detach(), make().call(x).detach(), 0, 'y');
  });

  test('without a mask it does not see the order of the keys; causal, a query does not see what follows', () => {
    const [x, other] = [input([4, 6]), input([4, 6], 5)];
    const model = make();
    const turned = flip(x, 0);
    assertClose(model.call(other, { key: x }).detach(), model.call(other, { key: turned }).detach(), 1e-14, 'order');
    const y = model.call(x, { causal: true });
    for (let t = 1; t <= 4; t++) {
      const alone = model.call(x.rawView([t, 6]), { causal: true });
      assertClose(y.detach().rawView([t, 6]), alone.detach(), 1e-14, `first ${t}`);
    }
  });

  test('a masked key is as if it were not there, by mask, additive mask and keyMask', () => {
    const x = input([3, 6]);
    const model = make();
    const seen = model.call(x, { key: x.rawView([2, 6]) }).detach();
    const row = [true, true, false];
    const additive = tensor([0, 0, -Infinity], { dtype: 'float64' });
    assertClose(model.call(x, { mask: tensor([row, row, row]) }).detach(), seen, 1e-14, 'mask');
    assertClose(model.call(x, { mask: additive }).detach(), seen, 1e-14, 'additive');
    assertClose(model.call(x, { keyMask: tensor(row) }).detach(), seen, 1e-14, 'keyMask');
    const both = { mask: tensor([true, true, true]), keyMask: tensor(row) };
    assertClose(model.call(x, both).detach(), seen, 1e-14, 'both');
    const mixed = { mask: tensor([0, 0, 3], { dtype: 'float64' }), keyMask: tensor(row) };
    assertClose(model.call(x, mixed).detach(), seen, 1e-14, 'additive and keyMask');
  });

  test('dropout acts in training alone, repeats with its rng, and without one is refused', () => {
    const x = input([4, 6]);
    const model = make({ dropout: 0.5 });
    assertSame(model.call(x).detach(), make().call(x).detach(), 'not training');
    const train = (seed: number): Tensor => model.call(x, { training: true, rng: new Rng(seed) }).detach();
    assertSame(train(1), train(1), 'same seed');
    assert.notDeepEqual([...train(1).data], [...train(2).data]);
    assertRefuses(() => model.call(x, { training: true }), DomainError, 'MultiheadAttention', /rng/);
  });

  test('bad settings and operands are refused by name', () => {
    const bad = [
      [0, 1],
      [6, 0],
      [6, 4],
      [6.5, 1],
      [Number.NaN, 1],
      [-6, 1],
    ] as const;
    for (const [e, heads] of bad)
      assertRefuses(() => new MultiheadAttention(e, heads, rngOf(1)), DomainError, 'MultiheadAttention');
    for (const dropout of [-0.1, 1.1, Number.NaN])
      assertRefuses(() => make({ dropout }), DomainError, 'MultiheadAttention');
    const x = input([4, 6]);
    for (const wrong of [input([6]), input([4, 5]), input([])])
      assertRefuses(() => make().call(wrong), ShapeError, 'MultiheadAttention', /query/);
    assertRefuses(() => make().call(x, { key: input([4, 5]) }), ShapeError, 'MultiheadAttention', /key/);
    assertRefuses(() => make().call(x, { keyMask: x }), DTypeError, 'MultiheadAttention', /keyMask/);
    assert.throws(() => make().call(x, { mask: tensor([true, false]) }), ShapeError);
    assert.throws(() => make().call(x.cast('float32')), DTypeError);
  });
});

describe('TransformerEncoderLayer', () => {
  const make = (options: object = {}): TransformerEncoderLayer =>
    new TransformerEncoderLayer(4, 2, { ...rngOf(1), feedForward: 5, dropout: 0, ...options });

  test("has PyTorch's names, and 2048 inner features unless told otherwise", () => {
    assert.deepEqual(
      make()
        .namedParameters()
        .map(([name]) => name),
      [
        ...[
          'self_attn.in_proj_weight',
          'self_attn.in_proj_bias',
          'self_attn.out_proj.weight',
          'self_attn.out_proj.bias',
        ],
        ...['linear1', 'linear2', 'norm1', 'norm2'].flatMap((part) => [`${part}.weight`, `${part}.bias`]),
      ],
    );
    const large = new TransformerEncoderLayer(512, 8, { rng: new Rng(1), device: meta });
    assert.equal(
      large.parameters().reduce((n, p) => n + p.size, 0),
      3152384,
    );
    assert.deepEqual(large.call(zeros([2, 7, 512], { device: meta })).shape, [2, 7, 512]);
    assert.ok(
      make({ bias: false })
        .namedParameters()
        .every(([name]) => !name.endsWith('bias')),
    );
  });

  test('its gradient agrees with finite differences, both orders of normalisation', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(20), (normFirst, seed) => {
        const model = make({ normFirst, activation: 'gelu' });
        const x = rand([3, 4], new Rng(seed), { dtype: 'float64', requiresGrad: true });
        gradcheck((t: Tensor) => model.call(t, { causal: true }), [x], { fast: true, rng: new Rng(seed) });
      }),
      { numRuns: 10 },
    );
  });

  test('dropout acts in training alone, repeats with its rng, and without one is refused', () => {
    const x = input([3, 4]);
    const model = make({ dropout: 0.5 });
    assertSame(model.call(x).detach(), make().call(x).detach(), 'not training');
    const train = (seed: number): Tensor => model.call(x, { training: true, rng: new Rng(seed) }).detach();
    assertSame(train(1), train(1), 'same seed');
    assert.notDeepEqual([...train(1).data], [...train(2).data]);
    assert.throws(() => model.call(x, { training: true }), DomainError);
  });

  test('bad settings are refused by name', () => {
    for (const activation of ['tanh', 'constructor', '__proto__', 5, null])
      assertRefuses(() => make({ activation }), DomainError, 'TransformerEncoderLayer', /activation/);
    assertRefuses(() => make({ dropout: 2 }), DomainError, 'TransformerEncoderLayer');
    for (const feedForward of [0, -1, 1.5, Number.NaN]) assert.throws(() => make({ feedForward }), DomainError);
  });
});
