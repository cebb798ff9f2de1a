/** Hyperbolic graph convolutions: the steps of the paper, one map on both models, every curvature, and finite everywhere. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toLorentz } from '../../../src/hyperbolic/convert.ts';
import { Hgcn, HyperbolicGraphConvolution } from '../../../src/hyperbolic/graph/hgcn.ts';
import { Hnn } from '../../../src/hyperbolic/graph/hnn.ts';
import { trainableCurvature } from '../../../src/hyperbolic/layers/curvature.ts';
import { translate } from '../../../src/hyperbolic/layers/mobius.ts';
import { NeighbourAttention } from '../../../src/hyperbolic/layers/tangentAggregation.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import {
  concat,
  DomainError,
  matmul,
  mul,
  Rng,
  randn,
  relu,
  sigmoid,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { Linear, Parameter } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { assertFinite, farCases, farTangents } from '../layers/tangentPoints.ts';
import { normalised, smallGraph } from './encodersGraph.ts';

const float64 = { dtype: 'float64' } as const;
const seeds = fc.nat(1000);
const curvatures = fc.constantFrom(0.1, 1, 10);
const { adjacency } = smallGraph();
const chain: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 2],
];

const gauss = (shape: readonly number[], seed: number, size = 1): Tensor =>
  mul(randn(shape, new Rng(seed), float64), size);

/** Give the biases values that are not 0. */
function biased<M extends Hgcn>(net: M, seed: number, size: number): M {
  for (const [i, { linear }] of net.layers.entries()) linear.bias?.assign_(gauss([linear.outFeatures], seed + i, size));
  return net;
}

describe('HyperbolicGraphConvolution', () => {
  test('is the linear map, the bias, the mean of tangents and the activation, one after the other', () => {
    fc.assert(
      fc.property(curvatures, curvatures, seeds, fc.constantFrom(poincare, lorentz), (c, next, seed, space) => {
        const linear = new Linear(4, 3, { rng: new Rng(seed), bias: false, ...float64 });
        const layer = new HyperbolicGraphConvolution(linear, { space, curvature: c, curvatureOut: next });
        layer.linear.bias?.assign_(gauss([3], seed, 0.2 / Math.sqrt(c)));
        const [from, to] = [space(c), space(next)];
        const x = from.expOrigin(gauss([12, 4], seed, 0.5 / Math.sqrt(c)));
        const wx = from.expOrigin(matmul(from.logOrigin(x), linear.weight, { transB: true }));
        const moved = translate(from, wx, layer.linear.bias as Parameter);
        const mean = from.expOrigin(matmul(adjacency.toDense(), from.logOrigin(moved)));
        const expected = to.expOrigin(relu(from.logOrigin(mean)));
        const y = layer.call(x, { adjacency });
        assertClose(mul(y, Math.sqrt(next)).detach(), mul(expected, Math.sqrt(next)).detach(), 1e-9, 'steps');
      }),
      { numRuns: 25 },
    );
  });

  test('attention weighs each neighbour by a sigmoid of both tangents', () => {
    const attention = new NeighbourAttention(3, { rng: new Rng(1), ...float64 });
    const u = gauss([12, 3], 2);
    const weights = attention.weigh(adjacency, u).toDense().detach();
    const dense = adjacency.toDense();
    const expected = Float64Array.from(dense.data, (a, at) => {
      const ends = [Math.floor(at / 12), at % 12].map((i) => u.rawView([1, 3], 3 * i));
      return a * sigmoid(attention.call(concat(ends, { axis: 1 }))).item();
    });
    assertClose(weights, tensor(expected, { shape: [12, 12] }), 1e-14, 'weights');
  });
});

describe('Hgcn', () => {
  test('is one map on both models of the space: tangents at the origin are twice as long on the hyperboloid', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const make = (space: typeof poincare | typeof lorentz): Hgcn =>
          new Hgcn([4, 5, 3], { space, curvatures: [c, c, c], rng: new Rng(seed), ...float64 });
        const ball = biased(make(poincare), seed, 0.2 / Math.sqrt(c));
        const sheet = biased(make(lorentz), seed, 0.4 / Math.sqrt(c));
        const x = gauss([12, 4], seed, 0.3 / Math.sqrt(c));
        const image = toLorentz(ball.call(x, { adjacency }), c).detach();
        const y = sheet.call(mul(x, 2), { adjacency }).detach();
        assertClose(mul(y, Math.sqrt(c)), mul(image, Math.sqrt(c)), 1e-8, 'image');
      }),
      { numRuns: 25 },
    );
  });

  test('in units of the radius it does not depend on c', () => {
    fc.assert(
      fc.property(curvatures, seeds, fc.constantFrom(poincare, lorentz), (c, seed, space) => {
        const root = Math.sqrt(c);
        const make = (k: number): Hgcn =>
          new Hgcn([4, 5, 3], { space, curvatures: [k, k, k], rng: new Rng(seed), ...float64 });
        const [one, scaled] = [biased(make(1), seed, 0.2), biased(make(c), seed, 0.2 / root)];
        const x = gauss([12, 4], seed, 0.3);
        const y = mul(scaled.call(mul(x, 1 / root), { adjacency }), root).detach();
        assertClose(y, one.call(x, { adjacency }).detach(), 1e-9, 'scaled');
      }),
      { numRuns: 25 },
    );
  });

  test('without edges and with one curvature it is a hyperbolic network without edges', () => {
    const lonely = normalised([], 12, 'float64');
    for (const space of [poincare, lorentz]) {
      const graph = new Hgcn([4, 5, 3], { space, rng: new Rng(1), ...float64 });
      const alone = new Hnn([4, 5, 3], { space, rng: new Rng(1), ...float64 });
      const x = gauss([12, 4], 1, 0.5);
      assertClose(graph.call(x, { adjacency: lonely }).detach(), alone.call(x).detach(), 1e-12, 'same');
    }
  });

  const choices = fc.record({
    trained: fc.boolean(),
    attention: fc.boolean(),
    space: fc.constantFrom(poincare, lorentz),
  });

  test('no finite features give NaN or infinity, in value or gradient', () => {
    fc.assert(
      fc.property(farCases, choices, (far, { trained, attention, space }) => {
        const { c, dtype, seed } = far;
        const curvatures = [1, 2, 3].map(() => (trained ? trainableCurvature(c, { dtype }) : c));
        const options = { space, curvatures, attention, dropout: 0.3, dtype };
        const net = new Hgcn([4, 3, 2], { ...options, rng: new Rng(seed) });
        const x = new Parameter(farTangents(far, 4));
        const context = { adjacency: normalised(chain, 3, dtype), training: true, rng: new Rng(seed) };
        const leaves = [x, ...net.parameters()];
        assertFinite(net.call(x, context), leaves, seed, 'points');
        const [a, b] = [net.call(x, context), net.call(x, { ...context, training: false })];
        assertFinite(net.geometry.squaredDistance(a, b), leaves, seed, 'd²');
        assertFinite(net.geometry.logOrigin(net.call(x, context)), leaves, seed, 'tangents');
      }),
      { numRuns: 40 },
    );
  });

  test('widths and curvatures that do not fit are refused', () => {
    const rng = new Rng(1);
    assertRefuses(() => new Hgcn([4], { rng }), DomainError, 'Hgcn', /layer/);
    assertRefuses(() => new Hgcn([4, 3], { rng, curvatures: [1] }), DomainError, 'Hgcn', /2 curvatures/);
    assertRefuses(() => new Hnn([4], { rng }), DomainError, 'Hnn', /layer/);
    const odd = { rng, activation: 'constructor' as 'relu' };
    assertRefuses(() => new Hgcn([4, 3], odd), DomainError, 'HyperbolicGraphConvolution', /activation/);
    assert.throws(() => new Hgcn([4, 0], { rng }), DomainError);
  });
});
