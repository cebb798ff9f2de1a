/** Heads of graph networks: scores of pairs by distance, scores of classes by tangents or by hyperplanes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  FermiDiracPredictor,
  PointClassifier,
  pairEnds,
  TangentClassifier,
} from '../../../src/hyperbolic/graph/decoders.ts';
import { Hgcn } from '../../../src/hyperbolic/graph/hgcn.ts';
import { Mlp } from '../../../src/hyperbolic/graph/mlp.ts';
import type { GraphEncoder } from '../../../src/hyperbolic/graph/model.ts';
import { PoincareHyperplanes } from '../../../src/hyperbolic/layers/poincareHyperplanes.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import {
  crossEntropy,
  DomainError,
  DTypeError,
  mul,
  Rng,
  randn,
  ShapeError,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { adam, fit, Linear } from '../../../src/nn/index.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { smallGraph } from './encodersGraph.ts';

const float64 = { dtype: 'float64' } as const;
const rng = new Rng(1);
const pairs = tensor(Int32Array.from([0, 1, 2, 2, 3, 0]), { shape: [3, 2] });
const encoders: readonly GraphEncoder[] = [
  new Mlp([4, 3], { rng, ...float64 }),
  new Hgcn([4, 3], { rng, ...float64, curvatures: [1, 0.5] }),
  new Hgcn([4, 3], { rng, ...float64, curvatures: [1, 2], space: lorentz }),
];

describe('FermiDiracPredictor', () => {
  test('scores a pair (r − d²)/t, the same in both directions', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(...encoders), (seed, encoder) => {
        const { geometry } = encoder;
        const points = geometry.expOrigin(mul(randn([4, 3], new Rng(seed), float64), 0.5));
        const net = new FermiDiracPredictor(encoder, { r: 3, t: 0.5 });
        const distances = [0, 1, 2].map((i) => {
          const [a, b] = [pairs.data[2 * i], pairs.data[2 * i + 1]].map((node) =>
            points.rawView([points.shape[1]], node * points.shape[1]),
          );
          return geometry.distance(a, b).item();
        });
        const expected = tensor(Float64Array.from(distances, (d) => (3 - d * d) / 0.5));
        assertClose(net.scores(points, pairs), expected, 1e-9, 'scores');
        const turned = tensor(Int32Array.from([1, 0, 2, 2, 0, 3]), { shape: [3, 2] });
        assertClose(net.scores(points, turned), net.scores(points, pairs), 1e-12, 'turned');
      }),
    );
  });

  test('unitBall shortens what is longer than 1, and nothing else', () => {
    const points = tensor(
      [
        [3, 4],
        [0, 0.5],
        [0, 0],
        [0.6, -0.8],
      ],
      float64,
    );
    const inside = tensor(
      [
        [0.6, 0.8],
        [0, 0.5],
        [0, 0],
        [0.6, -0.8],
      ],
      float64,
    );
    const encoder = new Mlp([4, 2], { rng, ...float64 });
    const net = new FermiDiracPredictor(encoder, { unitBall: true });
    assertClose(net.scores(points, pairs), new FermiDiracPredictor(encoder).scores(inside, pairs), 1e-15, 'scores');
  });

  test('what are no pairs of nodes is refused', () => {
    const points = randn([4, 3], rng, float64);
    assertRefuses(() => pairEnds(points, tensor(Int32Array.from([0, 1]))), ShapeError, 'pairEnds');
    assertRefuses(() => pairEnds(points, tensor([[0, 1]])), DTypeError, 'pairEnds');
    assert.throws(() => pairEnds(points, tensor(Int32Array.from([0, 4]), { shape: [1, 2] })), DomainError);
    const [a, b] = pairEnds(tensor([[1], [2], [3], [4]], float64), pairs);
    assertHolds(a, [[1], [3], [4]]);
    assertHolds(b, [[2], [3], [1]]);
  });
});

describe('classifiers', () => {
  test('TangentClassifier is a linear map of the tangents at the origin, judged by cross-entropy', () => {
    for (const encoder of encoders) {
      const head = new Linear(3, 2, { rng, ...float64 });
      const net = new TangentClassifier(encoder, head);
      const u = mul(randn([5, 3], rng, float64), 0.5);
      assertClose(net.logits(net.geometry.expOrigin(u)).detach(), head.call(u).detach(), 1e-12, 'logits');
      const labels = tensor(Int32Array.from([0, 1, 1, 0, 1]));
      const logits = head.call(u);
      assertClose(net.loss(logits, labels).detach(), crossEntropy(logits, labels).detach(), 0, 'loss');
    }
  });

  test('PointClassifier takes hyperplanes of the ball, and learns with them', async () => {
    const { x, adjacency, labels } = smallGraph();
    const encoder = new Hgcn([4, 5], { rng: new Rng(2), ...float64 });
    const net = new PointClassifier(encoder, new PoincareHyperplanes(5, 2, { rng: new Rng(3), ...float64 }));
    assert.equal(net.geometry.name, poincare(1).name);
    const optimizer = adam(net.parameters(), { lr: 0.05 });
    const loss = (): Tensor => net.loss(net.logits(net.call(x, { adjacency })), labels);
    const losses: number[] = [];
    for await (const event of fit({ model: net, optimizer, loss, batches: Array.from({ length: 60 }), steps: 60 }))
      if (event.type === 'step') losses.push(event.loss);
    assert.ok(losses[59] < 0.5 * losses[0], `${losses[0]} to ${losses[59]}`);
  });
});
