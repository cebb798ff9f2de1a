/** The clock of Sparse Spectral Training: when it samples, decomposes, forgets and warms up. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backward, DomainError, Rng, randn, type Tensor } from '../../src/index.ts';
import { adam, fit, Linear, linearWarmup, type Optimizer, Sequential, sgd, Tanh } from '../../src/nn/index.ts';
import {
  convert,
  type MethodEvent,
  type Plan,
  positionOf,
  SpectralLinear,
  type SstOptions,
  sst,
} from '../../src/sst/index.ts';
import { distance, dot, plain } from './plain.ts';

const clocks = fc.record({
  stepsPerIteration: fc.integer({ min: 1, max: 9 }),
  iterationsPerRound: fc.integer({ min: 1, max: 5 }),
});

test('positionOf writes a step in mixed radix: step = (round·T2 + iteration)·T3 + step, each below its radix', () => {
  fc.assert(
    fc.property(clocks, fc.nat(10_000), (clock, step) => {
      const at = positionOf(step, clock);
      const { stepsPerIteration: T3, iterationsPerRound: T2 } = clock;
      assert.equal((at.round * T2 + at.iteration) * T3 + at.step, step);
      assert.ok(
        at.step >= 0 && at.step < T3 && at.iteration >= 0 && at.iteration < T2 && at.round >= 0,
        `${JSON.stringify(at)}`,
      );
    }),
  );
  assert.deepEqual(positionOf(1600, { stepsPerIteration: 200, iterationsPerRound: 8 }), {
    round: 1,
    iteration: 0,
    step: 0,
  });
});

/** A model under SST with widths 6 -> 5 -> 3 -> 2, so k = 5 and 3; its head is dense. */
function converted(
  options: Partial<SstOptions> = {},
  lr = 0.01,
): { plan: Plan; optimizer: Optimizer; layers: SpectralLinear[] } {
  const rng = new Rng(3);
  const f64 = { rng, dtype: 'float64' } as const;
  const model = new Sequential(
    new Linear(6, 5, f64),
    new Tanh(),
    new Linear(5, 3, f64),
    new Tanh(),
    new Linear(3, 2, f64),
  );
  const plan = convert(model, { method: 'sst', rank: 2, rng, ...options });
  return {
    plan,
    optimizer: adam(plan.groups(), { lr }),
    layers: plan.layers.map(({ layer }) => layer as SpectralLinear),
  };
}

/** Run it, and hand every event on at the moment when it happens. */
async function run(
  { plan, optimizer }: ReturnType<typeof converted>,
  steps: number,
  see: (event: MethodEvent | { readonly type: 'step'; readonly step: number; readonly lr: number }) => void = () => {},
): Promise<MethodEvent[]> {
  const rng = new Rng(8);
  const batches = Array.from({ length: steps }, () => randn([4, 6], rng, { dtype: 'float64' }));
  const loss = (x: Tensor): Tensor => plan.model.call(x).square().sum();
  const found: MethodEvent[] = [];
  for await (const event of fit({
    model: plan.model,
    optimizer,
    loss,
    batches,
    steps,
    hooks: [plan.hook(optimizer)],
  })) {
    if (event.type === 'resample' || event.type === 'decompose' || event.type === 'merge') found.push(event);
    if (event.type !== 'done' && event.type !== 'aborted') see(event);
  }
  return found;
}

const kinds = (events: readonly MethodEvent[]): string[] => events.map(({ type, step }) => `${type} ${step}`);

describe('events', () => {
  test('a sampling at every multiple of T3; before it, at every multiple of T2·T3 but 0, a decomposition', async () => {
    await fc.assert(
      fc.asyncProperty(clocks, async (clock) => {
        const { stepsPerIteration: T3, iterationsPerRound: T2 } = clock;
        const expected = Array.from({ length: Math.ceil(23 / T3) }, (_, i) => [
          ...(i > 0 && i % T2 === 0 ? [`decompose ${i * T3}`] : []),
          `resample ${i * T3}`,
        ]).flat();
        assert.deepEqual(kinds(await run(converted(clock), 23)), expected);
      }),
      { numRuns: 12 },
    );
  });

  test('T2 is by default the largest ⌈k/r⌉ of the layers: one clock for the model', async () => {
    for (const [rank, T2] of [
      [2, 3],
      [3, 2],
      [5, 1],
      [1, 5],
    ] as const)
      assert.deepEqual(
        kinds(await run(converted({ rank, stepsPerIteration: 1 }), 7)).filter((k) => k.startsWith('decompose')),
        [1, 2, 3, 4, 5, 6].filter((step) => step % T2 === 0).map((step) => `decompose ${step}`),
      );
  });

  test('an event names the r vectors of every layer that are now active', async () => {
    const made = converted({ stepsPerIteration: 2 });
    await run(made, 9, (event) => {
      if (event.type !== 'resample') return;
      assert.deepEqual(
        event.active,
        made.layers.map((layer) => [...layer.order.data].slice(0, 2)),
      );
    });
  });

  test('neither a sampling nor a decomposition changes W', async () => {
    const made = converted({ stepsPerIteration: 3, iterationsPerRound: 2 });
    let weights = made.layers.map((layer) => plain(layer.weight()));
    await run(made, 20, (event) => {
      const now = made.layers.map((layer) => plain(layer.weight()));
      if (event.type !== 'step')
        for (const [i, W] of now.entries())
          assert.ok(distance(W, weights[i]) <= 1e-14, `${event.type} ${event.step} changed W`);
      weights = now;
    });
  });

  test('a decomposition makes the vectors of every layer orthonormal again, which steps had undone', async () => {
    const made = converted({ stepsPerIteration: 3, iterationsPerRound: 2 });
    const skew = (): number[] =>
      made.layers.map(({ vtActive, vtFrozen }) => {
        const rows = [...plain(vtActive), ...plain(vtFrozen)];
        const gram = rows.map((a) => rows.map((b) => dot(a, b)));
        return distance(
          gram,
          gram.map((row, i) => row.map((_, j) => (i === j ? 1 : 0))),
        );
      });
    let last: MethodEvent['type'] | 'step' = 'resample';
    await run(made, 14, (event) => {
      if (event.type === 'decompose')
        assert.ok(skew().every((s) => s <= 1e-13) && last === 'step', 'not orthonormal after the decomposition');
      if (event.type === 'step' && event.step % 6 === 5)
        assert.ok(
          skew().every((s) => s > 1e-4),
          'orthonormal before it',
        );
      last = event.type;
    });
  });

  test('a second run goes on where the first ended: the clock is the number of steps the optimizer has taken', async () => {
    const clock = { stepsPerIteration: 4, iterationsPerRound: 2 };
    const [whole, parts] = [converted(clock), converted(clock)];
    const expected = kinds(await run(whole, 11));
    const found = [...(await run(parts, 3)), ...(await run(parts, 6)), ...(await run(parts, 2))];
    assert.deepEqual(kinds(found), expected);
  });
});

describe('forgetting', () => {
  test('a sampling clears the moments of U, V and σ of every layer, as many as its event says, and no others', async () => {
    const made = converted({ stepsPerIteration: 4 });
    const spectral = made.layers.flatMap((layer) => layer.spectral);
    const rest = made.plan.groups()[1].parameters;
    const values = 2 * spectral.reduce((sum, p) => sum + p.size, 0);
    await run(made, 10, (event) => {
      if (event.type !== 'resample') return;
      assert.equal(event.cleared, event.step === 0 ? 0 : values);
      for (const p of spectral) assert.deepEqual(made.optimizer.stateOf(p), {});
      for (const p of rest) assert.equal(made.optimizer.stateOf(p).step, event.step === 0 ? undefined : event.step);
    });
    assert.ok(
      spectral.every((p) => made.optimizer.stateOf(p).step === 2),
      'moments of U, V, σ begin anew',
    );
    assert.ok(rest.length === 4 && rest.every((p) => made.optimizer.stateOf(p).step === 10), 'the others go on');
  });

  test('an optimizer without state has nothing to clear', async () => {
    const { layers, plan } = converted();
    const optimizer = sgd(plan.groups(), { lr: 0.1 });
    backward(plan.model.call(randn([1, 6], new Rng(1), { dtype: 'float64' })).sum());
    optimizer.step();
    const [event] = (await plan.method.onStep?.(0, layers, optimizer)) ?? [];
    assert.deepEqual([event.type, 'cleared' in event && event.cleared], ['resample', 0]);
  });
});

describe('warm-up', () => {
  test('its ramp begins anew at every sampling and multiplies the global schedule, for the spectral parameters only', async () => {
    const made = converted({ stepsPerIteration: 5, warmup: 3 }, 0.1);
    const [own, dense] = made.optimizer.groups;
    made.optimizer.schedule = linearWarmup(10);
    const ramp = [1 / 3, 2 / 3, 1, 1, 1];
    for (let step = 0; step < 12; step++) {
      const global = 0.1 * Math.min(1, (step + 1) / 10);
      assert.ok(Math.abs(made.optimizer.lrOf(own) - global * ramp[step % 5]) <= 1e-16, `lr at step ${step}`);
      assert.equal(made.optimizer.lrOf(dense), global);
      await run(made, 1);
    }
  });
});

test('settings that are not whole numbers in range are refused before anything is made', () => {
  const rng = new Rng(1);
  for (const bad of [
    { rank: 0 },
    { rank: 1.5 },
    { stepsPerIteration: 0 },
    { iterationsPerRound: 0 },
    { warmup: -1 },
    { warmup: Number.NaN },
  ])
    assert.throws(() => sst({ rank: 2, rng, ...bad }), DomainError, JSON.stringify(bad));
  assert.ok(
    new SpectralLinear(new Linear(2, 2, { rng }), { rank: 1 }).enhanced,
    'the enhanced gradient is the default',
  );
});
