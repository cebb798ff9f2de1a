/** Lorentz Transformers: points everywhere, derivatives, ties, dropout, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  LorentzAttention,
  LorentzLinear,
  LorentzTransformer,
  type LorentzTransformerConfiguration,
  lorentz,
} from '../../../src/hyperbolic/index.ts';
import {
  backward,
  crossEntropy,
  DomainError,
  gradcheck,
  gradgradcheck,
  mul,
  noGrad,
  Rng,
  reshape,
  ShapeError,
  slice,
  type Tensor,
} from '../../../src/index.ts';
import { loadStateDict, type Parameter, stateDict } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, withValues } from '../../harness/module.ts';
import { randomRows, refusedSizes, tokensOf, vocabulary } from '../../nn/models/make.ts';
import { lorentzTransformers } from './make.ts';

const seeds = fc.nat(1000);
const source = tokensOf([[1, 2, 3]]);
const target = tokensOf([[4, 1, 2]]);
const sizes = { sourceVocabulary: vocabulary, vocabulary, embedDim: 6, heads: 2, layers: 1, feedForward: 4 };
const make = (more: Partial<LorentzTransformerConfiguration> = {}): LorentzTransformer =>
  new LorentzTransformer({ ...sizes, dropout: 0, maxLength: 8, ...more }, { rng: new Rng(1), dtype: 'float64' });
const logits = (model: LorentzTransformer, context: object = {}): Tensor => model.call(source, { target, ...context });
const loss = (model: LorentzTransformer): Tensor => crossEntropy(logits(model), tokensOf([[3, 5, 0]]));

/** What every Lorentz linear layer of a model gives while fn runs, as rows of points. */
function pointsDuring(model: LorentzTransformer, fn: () => void): [name: string, points: Tensor][] {
  const found: [string, Tensor][] = [];
  const layers = model.namedModules().filter((one): one is [string, LorentzLinear] => one[1] instanceof LorentzLinear);
  for (const [name, layer] of layers)
    layer.call = (...operands) => {
      const y = LorentzLinear.prototype.call.apply(layer, operands);
      const n = layer.outFeatures / layer.heads;
      found.push([name, reshape(y, [y.size / n, n])]);
      return y;
    };
  fn();
  for (const [, layer] of layers) Reflect.deleteProperty(layer, 'call');
  return found;
}

describe('every layer gives points', () => {
  for (const [name, made] of Object.entries(lorentzTransformers))
    test(name, () => {
      const cases = [seeds, fc.constantFrom('float32' as const, 'float64' as const), fc.constantFrom(1, 20)] as const;
      fc.assert(
        fc.property(...cases, (seed, dtype, louder) => {
          const model = made({ seed, dtype });
          noGrad(() => {
            for (const [path, p] of model.namedParameters()) if (path.endsWith('map.weight')) p.assign_(mul(p, louder));
          });
          const rows = tokensOf(randomRows(seed, [4, 4]));
          const found = pointsDuring(model, () => noGrad(() => model.call(rows, { target: rows })));
          assert.equal(found.length, 2 + 2 * 6 + 2 * 10);
          const space = lorentz(model.c);
          for (const [layer, points] of found)
            assert.ok(space.check(points).ok, `${layer}: ${space.check(points).reason}`);
          for (const table of [model.encoder.embed_tokens.weight, model.lm_head.points])
            assert.ok(space.check(table).ok, `${space.check(table).reason}`);
        }),
        { numRuns: 12 },
      );
    });
});

describe('derivatives', () => {
  const names = [
    'decoder.embed_tokens.weight',
    'encoder.embed_positions.weight',
    'encoder.layers.0.linear2.map.weight',
  ];
  for (const form of ['code', 'paper'] as const)
    test(`form ${form}: first and second agree with finite differences, and every parameter gets a gradient`, () => {
      const model = make({ form, activation: 'tanh', c: 0.5 });
      const chosen = names.map((name) => at(model, name) as Parameter);
      const call = (...values: readonly Tensor[]): Tensor => withValues(model, chosen, values, () => loss(model));
      gradcheck(call, chosen, { fast: true, rng: new Rng(1) });
      gradgradcheck(call, chosen, { fast: true, rng: new Rng(2), atol: 1e-6 });
      backward(loss(model));
      for (const [name, p] of model.namedParameters()) assert.ok(p.grad !== null, name);
    });
});

describe('tables', () => {
  test('the points of the logits start where the target has them, and go their own way', () => {
    const { decoder, lm_head } = make();
    assertSame(lm_head.points.detach(), decoder.embed_tokens.weight.detach(), 'start');
    lm_head.points.assign_(mul(lm_head.points, 2).detach());
    assert.notDeepEqual([...lm_head.points.data], [...decoder.embed_tokens.weight.data]);
  });
  test('tied, they are one parameter on the hyperboloid, and so is the table of the source where it is the same', () => {
    for (const tie of ['target', 'all'] as const) {
      const { encoder, decoder, lm_head } = make({ tie });
      assert.equal(lm_head.points, decoder.embed_tokens.weight);
      assert.equal(encoder.embed_tokens.weight === lm_head.points, tie === 'all');
      assert.equal(lm_head.points.manifold.name, 'lorentz');
    }
  });
});

describe('LorentzTransformer', () => {
  test('dropout acts in training alone, attention weights have their own chance, and each needs an rng', () => {
    for (const more of [{ dropout: 0.4, attentionDropout: 0 }, { attentionDropout: 0.4 }]) {
      const model = make(more);
      loadStateDict(model, stateDict(make()));
      assertSame(logits(model).detach(), logits(make()).detach(), 'not training');
      const train = (seed: number): Tensor => logits(model, { training: true, rng: new Rng(seed) }).detach();
      assertSame(train(1), train(1), 'same seed');
      assert.notDeepEqual([...train(1).data], [...train(2).data]);
      assert.throws(() => logits(model, { training: true }), DomainError);
    }
  });

  test('the activation acts before the second linear layer of a block, and nowhere else', () => {
    const acting = make()
      .namedModules()
      .flatMap(([name, one]) =>
        one instanceof LorentzLinear && one.activation(target.cast('float64').neg()).data[0] === 0 ? [name] : [],
      );
    assert.deepEqual(acting, ['encoder.layers.0.linear2', 'decoder.layers.0.linear2']);
  });

  test('heads are in queries, keys and values, and each layer has the curvature of the model', () => {
    for (const [name, one] of make({ c: 0.5 }).namedModules()) {
      if (one instanceof LorentzLinear) {
        assert.equal(one.heads, /[qkv]_proj$/.test(name) ? 2 : 1, name);
        assert.equal(one.c, 0.5, name);
      }
      if (one instanceof LorentzAttention) assert.equal(one.c, 0.5, name);
    }
  });

  test('what does not fit is refused by name', () => {
    for (const [more, message] of refusedSizes)
      assertRefuses(() => make(more), DomainError, 'LorentzTransformer', message);
    for (const more of [{ heads: 4 }, { heads: 6 }, { attentionDropout: -1 }])
      assertRefuses(() => make(more), DomainError, 'LorentzAttention');
    for (const c of [0, -1, Number.NaN, Infinity]) assert.throws(() => make({ c }), DomainError, `c ${c}`);
    assertRefuses(() => make({ form: 'poem' as never }), DomainError, 'LorentzLinear', /form/);
    assertRefuses(() => make({ activation: 'swish' as never }), DomainError, 'LorentzLinear', /activation/);
    const model = make();
    const long = tokensOf([[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    assertRefuses(() => model.encode(long), DomainError, 'LorentzTransformer', /9 positions/);
    assertRefuses(() => model.encode(tokensOf([[vocabulary]])), DomainError, 'embedding');
    const memory = model.encode(source);
    assertRefuses(() => model.decode(target, slice(memory, [null, null, [0, 4]])), ShapeError, 'LorentzAttention');
    assertClose(model.decode(target, memory).detach(), logits(model).detach(), 0, 'in two steps');
  });
});
