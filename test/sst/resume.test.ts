/** Stopping and going on from a checkpoint is the same, bit for bit, as not stopping: for every method, wherever the stop falls. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DomainError, deviceInfo, mean, Rng, randn, square, sub, type Tensor } from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io.ts';
import { adamW, cosine, fit, type Optimizer, readCheckpoint, stateDict, writeCheckpoint } from '../../src/nn/index.ts';
import { convert, type MethodChoice, type Plan } from '../../src/sst/index.ts';
import { mlp } from '../harness/method.ts';

const steps = 16;
const f64 = { dtype: 'float64' } as const;
const clock = { stepsPerIteration: 3, iterationsPerRound: 2, warmup: 2 };

const methods: Readonly<Record<string, (rng: Rng) => MethodChoice>> = {
  full: () => ({ method: 'full' }),
  sst: (rng) => ({ method: 'sst', rank: 2, rng, ...clock }),
  'sst, random start': (rng) => ({ method: 'sst', rank: 2, rng, initialisation: 'random', ...clock }),
  lora: (rng) => ({ method: 'lora', rank: 2, rng }),
  relora: (rng) => ({ method: 'relora', rank: 2, rng, mergeInterval: 3, warmup: 2 }),
  galore: () => ({ method: 'galore', rank: 2, refreshInterval: 3 }),
  'galore, randomised': (rng) => ({ method: 'galore', rank: 2, refreshInterval: 3, projection: 'randomised', rng }),
  dora: (rng) => ({ method: 'dora', rank: 2, rng }),
  vera: (rng) => ({ method: 'vera', rank: 2, rng }),
  pissa: () => ({ method: 'pissa', rank: 2 }),
};

/** A run that has not begun: model, optimizer and streams from fixed seeds. */
interface Run {
  readonly plan: Plan;
  readonly optimizer: Optimizer;
  /** Noise that each step adds: a stream that the steps advance. */
  readonly noise: Rng;
}

function start(name: string): Run {
  const plan = convert(mlp(1), methods[name](new Rng(2)));
  const optimizer = adamW(plan.groups(), { lr: 0.02 });
  optimizer.schedule = cosine(steps);
  return { plan, optimizer, noise: new Rng(3) };
}

const rng = new Rng(99);
const data = { x: randn([16, 6], rng, f64), y: randn([16, 2], rng, f64) };

/** Losses of so many steps. */
async function go({ plan, optimizer, noise }: Run, count: number): Promise<number[]> {
  const losses: number[] = [];
  const loss = ({ x, y }: typeof data): Tensor =>
    mean(square(sub(plan.model.call(x.add(randn(x.shape, noise, f64).mul(0.1))), y)));
  const batches = Array.from({ length: count }, () => data);
  const { model } = plan;
  for await (const event of fit({ model, optimizer, loss, batches, steps: count, hooks: [plan.hook(optimizer)] }))
    if (event.type === 'step') losses.push(event.loss);
  return losses;
}

const parts = ({ plan, optimizer, noise }: Run) => ({
  model: plan.model,
  optimizer,
  method: plan.method,
  rngs: { noise },
});
const values = ({ plan }: Run): number[][] => [...stateDict(plan.model)].map(([, t]) => [...t.data]);

for (const name of Object.keys(methods))
  test(`${name}: stop after any step and resume`, async () => {
    const whole = start(name);
    const expected = await go(whole, steps);
    // 3 is a resampling, a merge or a refresh; 6 a decomposition; 7 in between; 0 before anything.
    for (const stop of [0, 1, 3, 6, 7, 15]) {
      const first = start(name);
      const before = await go(first, stop);
      const bytes = writeCheckpoint({ ...parts(first), extra: { before } });
      const second = start(name);
      await go(second, 2);
      const { steps: taken, extra, differences } = readCheckpoint(bytes, parts(second));
      assert.deepEqual([taken, extra, differences], [stop, { before }, []]);
      assert.deepEqual([...before, ...(await go(second, steps - stop))], expected, `stopped after ${stop}`);
      assert.deepEqual(values(second), values(whole));
    }
  });

describe('a checkpoint', () => {
  test('is a safetensors file of ordinary names, equal bytes for equal states', async () => {
    const run = start('sst');
    await go(run, 4);
    const bytes = writeCheckpoint(parts(run));
    assert.deepEqual(writeCheckpoint(parts(run)), bytes);
    const names = [...readSafetensors(bytes).tensors.keys()];
    for (const expected of ['model.0.utActive', 'model.0.order', 'optimizer.0.sigma.m', 'optimizer.4.weight.v'])
      assert.ok(names.includes(expected), expected);
  });

  test('that does not fit changes nothing, and says what does not', async () => {
    const run = start('sst');
    await go(run, 4);
    const bytes = writeCheckpoint(parts(run));
    const relora = start('relora');
    const fresh = JSON.stringify(values(relora));
    assert.throws(() => readCheckpoint(bytes, parts(relora)), DomainError);
    assert.equal(JSON.stringify(values(relora)), fresh);
    assert.throws(
      () => readCheckpoint(bytes, { ...parts(start('sst')), rngs: { other: new Rng(1) } }),
      /no stream 'other'/,
    );
    assert.throws(
      () => readCheckpoint(bytes, { ...parts(start('sst')), method: { name: 'lora' } }),
      /method 'sst', not 'lora'/,
    );
    const tensors = writeSafetensors(stateDict(run.plan.model));
    assert.throws(() => readCheckpoint(tensors, parts(run)), /no checkpoint/);
    assert.throws(() => readCheckpoint(bytes.subarray(0, bytes.length - 8), parts(run)), DomainError);
  });

  test('tells when the host computes differently now', () => {
    const run = start('full');
    const text = new TextDecoder('latin1').decode(writeCheckpoint(parts(run)));
    const { threads } = deviceInfo();
    const changed = text.replace(`\\"threads\\":${threads}`, '\\"threads\\":7');
    assert.notEqual(changed, text);
    const { differences } = readCheckpoint(
      Uint8Array.from(changed, (c) => c.charCodeAt(0)),
      parts(run),
    );
    assert.deepEqual(differences, [`threads was 7, and is ${threads}`]);
  });

  test('of an optimizer with a parameter of another model is refused', () => {
    const [one, two] = [start('full'), start('full')];
    assert.throws(() => writeCheckpoint({ model: one.plan.model, optimizer: two.optimizer }), /not in the model/);
  });
});
