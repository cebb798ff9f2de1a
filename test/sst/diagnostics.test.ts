/** What a run reports of its layers: true, against values worked out from the layers themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossEntropy, DomainError, Rng, randn, tensor } from '../../src/index.ts';
import { svdvals } from '../../src/linalg.ts';
import { adam, fit, Linear, ReLU, Sequential } from '../../src/nn/index.ts';
import {
  convert,
  type DiagnosticsEvent,
  diagnostics,
  type MethodChoice,
  type Plan,
  type SpectralLinear,
} from '../../src/sst/index.ts';

/** Train 6-5-4 for some steps; `see` is shown every report while the layers are as it describes them. */
async function run(
  choice: MethodChoice,
  steps: number,
  see: (event: DiagnosticsEvent, plan: Plan) => void,
): Promise<number[]> {
  const rng = new Rng(5);
  const model = new Sequential(new Linear(6, 5, { rng }), new ReLU(), new Linear(5, 4, { rng }));
  const plan = convert(model, choice);
  const optimizer = adam(plan.groups(), { lr: 0.05 });
  const [x, labels] = [randn([9, 6], rng), tensor(Int32Array.from({ length: 9 }, () => rng.below(4)))];
  const loss = () => crossEntropy(model.call(x), labels);
  const batches = Array.from({ length: steps }, () => null);
  const seen: number[] = [];
  const hooks = [plan.hook(optimizer), diagnostics(plan, { every: 3 })];
  for await (const event of fit({ model, optimizer, loss, batches, steps, hooks }))
    if (event.type === 'diagnostics') {
      seen.push(event.step);
      see(event, plan);
    }
  return seen;
}

test('a spectral layer: spectrum, sampled vectors, defects, clamped values, gradient norms', async () => {
  const rng = new Rng(1);
  const steps = await run(
    { method: 'sst', rank: 2, rng, warmup: 0, stepsPerIteration: 4 },
    8,
    ({ step, effectiveSteps, layers }, plan) => {
      const layer = plan.layers[0].layer as SpectralLinear;
      const [found] = layers;
      const trainable = 2 * (6 + 5) + 5 + 5 + (5 * 4 + 4);
      assert.equal(effectiveSteps, (step + 1) * trainable);
      assert.deepEqual(
        found.spectrum,
        [...layer.sigma.data].sort((a, b) => b - a),
      );
      assert.deepEqual(found.spectral?.active, [...layer.order.data.slice(0, 2)]);
      assert.equal(found.spectral?.clamped, layer.sigma.data.filter((s: number) => s === 0).length);
      assert.deepEqual(Object.keys(found.gradientNorms), ['utActive', 'sigma', 'vtActive']);
      const size = Math.hypot(...(layer.sigma.grad?.data ?? []));
      assert.ok(
        Math.abs((found.gradientNorms.sigma ?? 0) - size) <= 1e-6 * size,
        `${found.gradientNorms.sigma}, ${size}`,
      );
      assert.ok((found.spectral?.defectU ?? 0) > 1e-4, 'vectors turn, each on its own');
    },
  );
  assert.deepEqual(steps, [0, 3, 6]);
});

test('right after a decomposition the vectors are orthonormal', async () => {
  const plan = convert(new Sequential(new Linear(6, 5, { rng: new Rng(1) }), new Linear(5, 5, { rng: new Rng(2) })), {
    method: 'sst',
    rank: 2,
    rng: new Rng(1),
  });
  const events = (await diagnostics(plan).afterStep?.(0)) ?? [];
  const [first] = (events[0] as DiagnosticsEvent).layers;
  assert.ok(first.spectral !== null && first.spectral.defectU < 1e-5 && first.spectral.defectV < 1e-5, 'orthonormal');
  assert.deepEqual(first.gradientNorms, { utActive: null, sigma: null, vtActive: null });
});

test('a dense layer: the singular values of its weight; an adapter: its gradients', async () => {
  await run({ method: 'full' }, 1, ({ layers: [found] }, plan) => {
    const layer = plan.layers[0].layer as Linear;
    assert.deepEqual(found.spectrum, [...svdvals(layer.weight.detach()).data]);
    assert.equal(found.spectral, null);
  });
  await run({ method: 'lora', rank: 2, rng: new Rng(1) }, 1, ({ layers: [found] }) => {
    assert.equal(found.spectrum, null);
    assert.equal(found.gradientNorms.loraA, 0, 'B is 0 at the start');
    assert.ok((found.gradientNorms.loraB ?? 0) > 0, 'B moves');
  });
});

test('the interval is checked', async () => {
  await run({ method: 'full' }, 0, () => {});
  assert.throws(() => diagnostics({} as Plan, { every: 0 }), DomainError);
});
