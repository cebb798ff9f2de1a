/** Training methods inside HyboNet: each takes its linear layers by composition, and it learns. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HyboNetClassifier } from '../../../src/hyperbolic/graph/hybonet.ts';
import type { GraphContext } from '../../../src/hyperbolic/graph/model.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { argmax, noGrad, Rng, type Tensor } from '../../../src/index.ts';
import { adam, fit, type Module } from '../../../src/nn/index.ts';
import { convert, type MethodChoice } from '../../../src/sst/index.ts';
import { assertClose } from '../../harness/compare.ts';
import { adjacencyOf, classifier, edges, features, labels, nodes, others, pairsOf, predictor } from './hybonetGraph.ts';

const methods: readonly MethodChoice[] = [
  { method: 'full' },
  { method: 'sst', rank: 1, rng: new Rng(1), stepsPerIteration: 5, warmup: 5 },
  { method: 'lora', rank: 1, rng: new Rng(1) },
  { method: 'relora', rank: 1, rng: new Rng(1), mergeInterval: 5, warmup: 5 },
  { method: 'galore', rank: 1 },
];

const steps = 100;

/** Train in float32 with a method inside: what comes in, out, and after a merge. */
async function trained<M extends Module>(model: M, choice: MethodChoice, loss: (model: M) => Tensor): Promise<void> {
  const plan = convert(model, { ...choice, exclude: [] });
  const optimizer = adam(plan.groups(), { lr: 0.02 });
  const run = fit({
    model,
    optimizer,
    steps,
    batches: Array.from({ length: steps }, () => null),
    hooks: [plan.hook(optimizer)],
    clipNorm: 1,
    loss: () => loss(model),
  });
  for await (const event of run) if (event.type === 'step') assert.ok(Number.isFinite(event.loss), `${event.loss}`);
  plan.merge();
}

describe('every method trains it, its last layer and the link predictor included', () => {
  const x = features('float32');
  const single: GraphContext = { adjacency: adjacencyOf('float32') };
  for (const choice of methods) {
    const name = String(choice.method);
    test(`${name}: conversion changes nothing but the layers, and two communities are told apart`, async () => {
      const make = (): HyboNetClassifier => classifier(2, { dtype: 'float32', layers: 3 });
      const model = make();
      const plan = convert(make(), { ...choice, exclude: [] });
      assert.deepEqual(
        plan.layers.map(({ path }) => path),
        ['encoder.layers.0.linear.map', 'encoder.layers.1.linear.map'],
      );
      assertClose(
        noGrad(() => plan.model.call(x, single)),
        noGrad(() => model.call(x, single)),
        1e-4,
        'converted',
      );
      await trained(model, choice, (m) => m.loss(m.logits(m.call(x, single)), labels));
      const points = noGrad(() => model.call(x, single));
      assert.ok(lorentz(1).check(points).ok, `${lorentz(1).check(points).reason}`);
      const told = [...argmax(noGrad(() => model.logits(points))).data].filter((v, i) => v === labels.data[i]).length;
      assert.ok(told >= nodes - 1, `${told} of ${nodes}`);
    });
    test(`${name}: edges score above other pairs`, async () => {
      const model = predictor(2, { dtype: 'float32' });
      const [yes, no] = [pairsOf(edges), pairsOf(others)];
      await trained(model, choice, (m) => {
        const points = m.call(x, single);
        return m.loss(m.scores(points, yes), m.scores(points, no));
      });
      const points = noGrad(() => model.call(x, single));
      const [above, below] = [yes, no].map((pairs) => [...noGrad(() => model.scores(points, pairs)).data]);
      const won = above.flatMap((a) => below.map((b) => (a > b ? 1 : 0) as number));
      const auc = won.reduce((a, b) => a + b, 0) / won.length;
      assert.ok(auc > 0.85, `ROC-AUC ${auc}`);
    });
  }
});
