/** HyboNet's graph network: points for nodes, and the scores and losses of its heads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HyboNet, HyboNetClassifier, HyboNetPredictor } from '../../../src/hyperbolic/graph/hybonet.ts';
import { classMargin, pairMargin } from '../../../src/hyperbolic/graph/hybonetLoss.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { backward, DomainError, meta, noGrad, Rng, relu, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { pin, scope } from '../../../src/tensor/scope.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import {
  classifier,
  context,
  edges,
  features,
  labels,
  nodes,
  options,
  others,
  pairsOf,
  predictor,
} from './hybonetGraph.ts';

describe('HyboNet', () => {
  test('gives a point of the hyperboloid for each node, for any curvature, depth, form, activation and attention', () => {
    const cases = fc.record({
      c: fc.constantFrom(0.1, 1, 10),
      layers: fc.integer({ min: 1, max: 3 }),
      form: fc.constantFrom('code' as const, 'paper' as const),
      activation: fc.constantFrom('none' as const, relu),
      attention: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, fc.nat(100), (choice, seed) => {
        const model = new HyboNet(options(seed, choice));
        const y = noGrad(() => model.call(features(), context));
        assert.deepEqual(y.shape, [nodes, 5]);
        const verdict = lorentz(choice.c).check(y);
        assert.ok(verdict.ok, `${verdict.reason}`);
        assert.equal(model.geometry.name, 'lorentz');
      }),
      { numRuns: 50 },
    );
  });
  test('every parameter gets a gradient, in a classifier and a predictor; names are those that decay is told by', () => {
    const [a, b] = [classifier(1, { layers: 3 }), predictor()];
    const x = features();
    backward(a.loss(a.logits(a.call(x, context)), labels));
    const points = b.call(x, context);
    backward(b.loss(b.scores(points, pairsOf(edges)), b.scores(points, pairsOf(others))));
    for (const model of [a, b]) for (const [name, p] of model.namedParameters()) assert.ok(p.grad !== null, name);
    assert.deepEqual(
      a
        .namedParameters()
        .map(([name, p]) => `${name} ${p.shape}`)
        .sort(),
      [
        'encoder.layers.0.linear.map.bias 5',
        'encoder.layers.0.linear.map.weight 5,8',
        'encoder.layers.0.linear.scale ',
        'encoder.layers.1.linear.map.bias 5',
        'encoder.layers.1.linear.map.weight 5,5',
        'encoder.layers.1.linear.scale ',
        'head.bias 2',
        'head.points 2,5',
      ],
    );
    assert.equal(b.encoder.layers.length, 2);
  });
  test('fixed features become points once; written to, or made in a scope, they are looked at again', () => {
    const model = new HyboNet(options());
    const fresh = (x: Tensor): Tensor => noGrad(() => new HyboNet(options()).call(x, context));
    const x = features();
    const call = (): Tensor => noGrad(() => model.call(x, context));
    assertSame(call(), fresh(x), 'first');
    assertSame(call(), fresh(x), 'again');
    x.assign_(x.mul(2));
    assertSame(call(), fresh(x), 'written to');
    for (let i = 0; i < 2; i++)
      assertSame(
        scope(() => noGrad(() => model.call(features().mul(i + 1), context))),
        fresh(features().mul(i + 1)),
        'in a scope',
      );
    pin(x);
    assertClose(scope(call), call(), 1e-15, 'pinned');
  });
  test('features that need a gradient get one', () => {
    const x = features();
    x.requiresGrad = true;
    const model = new HyboNet(options());
    for (let i = 0; i < 2; i++) backward(sum(model.call(x, context)));
    assert.ok(x.grad?.data.some((v) => v !== 0) ?? false, 'a gradient');
  });
  test('dropout acts in training alone, and repeats with its rng', () => {
    const model = new HyboNet(options(1, { dropout: 0.5 }));
    const train = (seed: number): Tensor =>
      noGrad(() => model.call(features(), { ...context, training: true, rng: new Rng(seed) }));
    assertSame(train(1), train(1), 'same seed');
    assert.notDeepEqual([...train(1).data], [...train(2).data]);
    const still = noGrad(() => model.call(features(), context));
    assertSame(
      still,
      noGrad(() => new HyboNet(options()).call(features(), context)),
      'not training',
    );
  });
  test('is counted on meta', () => {
    const model = new HyboNetClassifier({ features: 1433, classes: 7, layers: 3, rng: new Rng(1), device: meta });
    const count = model.parameters().reduce((n, p) => n + p.size, 0);
    assert.equal(count, 16 * 1434 + 16 + 1 + 16 * 16 + 16 + 1 + 7 * 16 + 7);
  });
  test('bad settings are refused by name', () => {
    for (const bad of [{ features: 0 }, { dim: 1 }, { layers: 0 }])
      assertRefuses(() => new HyboNet(options(1, bad)), DomainError, 'HyboNet');
    assertRefuses(() => classifier(1, { layers: 1 }), DomainError, 'HyboNetClassifier', /layers/);
    for (const margin of [-1, Number.NaN, Infinity]) {
      assertRefuses(() => new HyboNetPredictor({ ...options(), margin }), DomainError, 'HyboNetPredictor', /margin/);
      assertRefuses(
        () => new HyboNetClassifier({ ...options(), classes: 2, margin }),
        DomainError,
        'HyboNetClassifier',
        /margin/,
      );
    }
  });
});

describe('losses', () => {
  const float64 = { dtype: 'float64' } as const;
  test('pairMargin: half the margin, and half the mean of what is missing, by hand', () => {
    const [pos, neg] = [tensor([5, 0, -1], float64), tensor([0, 1, -9], float64)];
    assertClose(pairMargin(pos, neg, 2), tensor((0 + 3 + 0) / 6 + 1, float64), 1e-15, 'loss');
  });
  test('classMargin: the mean over all classes of what is missing, by hand', () => {
    const logits = tensor(
      [
        [5, 0, 4],
        [0, 0, 0],
      ],
      float64,
    );
    const loss = classMargin(logits, tensor(Int32Array.of(0, 2)), 2);
    assertClose(loss, tensor((2 + 0 + 1 + (2 + 2 + 2)) / 6, float64), 1e-15, 'loss');
    assert.throws(() => classMargin(logits, tensor(Int32Array.of(0, 3)), 2), DomainError);
  });
  test('scores of pairs are −c times the squared Lorentzian distance, 0 for a node and itself', () => {
    for (const c of [0.1, 1, 10]) {
      const model = predictor(1, { c });
      const points = noGrad(() => model.call(features(), context));
      const scores = noGrad(() => model.scores(points, pairsOf([...edges, [3, 3]])));
      const distances = edges.map(([u, v]) => {
        const d = [0, 1, 2, 3, 4].map((i) => points.data[5 * u + i] - points.data[5 * v + i]);
        return d.reduce((total, v2, i) => total + (i === 0 ? -v2 * v2 : v2 * v2), 0);
      });
      assertClose(scores, tensor([...distances.map((d) => -c * d), 0], float64), 1e-9, `c = ${c}`);
    }
  });
});

test('rows that dropout empties give points and no NaN', () => {
  const model = classifier(1, { dropout: 0.9 });
  const x = zeros([nodes, 7], { dtype: 'float64' });
  const points = model.call(x, { ...context, training: true, rng: new Rng(1) });
  backward(model.loss(model.logits(points), labels));
  assert.ok(points.data.every(Number.isFinite), 'points');
  for (const [name, p] of model.namedParameters()) assert.ok(p.grad?.data.every(Number.isFinite) ?? true, name);
});
