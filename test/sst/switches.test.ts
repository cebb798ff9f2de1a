/** The switches of the paper's ablations: each changes what it says, and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DomainError, mean, Rng, randn, square, sub } from '../../src/index.ts';
import { adamW, fit, Linear, Sequential } from '../../src/nn/index.ts';
import { convert, type MethodEvent, type SpectralLinear, type SstOptions, sst } from '../../src/sst/index.ts';

const f64 = { dtype: 'float64' } as const;
const clock = { stepsPerIteration: 4, iterationsPerRound: 2, warmup: 0 };

/** What a layer looked like after every step, and the events between. */
interface Seen {
  readonly layer: SpectralLinear;
  readonly events: readonly MethodEvent[];
  readonly sigmas: readonly (readonly number[])[];
  readonly weights: readonly Float64Array[];
}

/** Train one layer, 5 → 6, under these options. */
async function run(options: Partial<SstOptions>, steps: number = 11): Promise<Seen> {
  const rng = new Rng(3);
  const model = new Sequential(new Linear(5, 6, { rng, ...f64 }));
  const plan = convert(model, { method: 'sst', rank: 2, rng: rng.fork('method'), ...clock, ...options });
  const layer = plan.layers[0].layer as SpectralLinear;
  const optimizer = adamW(plan.groups(), { lr: 0.02, weightDecay: 0.5 });
  const [x, y] = [randn([8, 5], rng, f64), randn([8, 6], rng, f64)];
  const seen = { layer, events: [] as MethodEvent[], sigmas: [] as number[][], weights: [] as Float64Array[] };
  const loss = () => mean(square(sub(model.call(x), y)));
  const batches = Array.from({ length: steps }, () => null);
  for await (const event of fit({ model, optimizer, loss, batches, steps, hooks: [plan.hook(optimizer)] }))
    if (event.type === 'step') {
      seen.sigmas.push([...layer.sigma.data]);
      seen.weights.push(Float64Array.from(layer.weight().data));
    } else if (!('steps' in event)) seen.events.push(event);
  return seen;
}

const lengths = (layer: SpectralLinear): number[] =>
  [layer.utActive, layer.vtActive].flatMap((rows) =>
    (rows.toArray() as number[][]).map((row) => Math.sqrt(row.reduce((sum, v) => sum + v * v, 0))),
  );

describe('the switches of Sparse Spectral Training', () => {
  test('trainedSigma: all of σ moves, or the part of the active vectors alone', async () => {
    const [all, sampled] = [await run({}, 4), await run({ trainedSigma: 'sampled' }, 4)];
    for (const [seen, moving] of [
      [all, 5],
      [sampled, 2],
    ] as const) {
      const [before, after] = [seen.sigmas[0], seen.sigmas[3]];
      assert.equal(before.filter((s, i) => s !== after[i]).length, moving);
    }
  });

  test('normalise: the active vectors have length 1 after every step, or not', async () => {
    for (const length of lengths((await run({}, 4)).layer)) assert.ok(Math.abs(length - 1) < 1e-14, `${length}`);
    const free = lengths((await run({ normalise: false }, 4)).layer);
    assert.ok(
      free.every((length) => Math.abs(length - 1) > 1e-4),
      `${free}`,
    );
  });

  test('decaySigma: weight decay leaves σ alone by default', async () => {
    const [kept, decayed] = [await run({}, 4), await run({ decaySigma: true }, 4)];
    const total = ({ sigmas }: Seen): number => sigmas[3].reduce((a, b) => a + b, 0);
    assert.ok(total(decayed) < 0.98 * total(kept), `${total(decayed)}, ${total(kept)}`);
  });

  test('enhanced: the derivative gives other updates', async () => {
    assert.notDeepEqual((await run({})).sigmas, (await run({ enhanced: false })).sigmas);
  });

  test('redecompose: a round begins with a decomposition, or not', async () => {
    const kinds = async (options: Partial<SstOptions>): Promise<string[]> =>
      (await run(options)).events.map((e) => e.type);
    assert.deepEqual(await kinds({}), ['resample', 'resample', 'decompose', 'resample']);
    assert.deepEqual(await kinds({ redecompose: false }), ['resample', 'resample', 'resample']);
  });

  test('sampling: the events tell which vectors were chosen', async () => {
    const { events } = await run({ sampling: 'sequential' });
    const active = events.flatMap((e) => (e.type === 'resample' ? [[...e.active[0]].sort()] : []));
    assert.deepEqual(active, [
      [0, 1],
      [2, 3],
      [0, 1],
    ]);
    const top = await run({ sampling: 'top-r', redecompose: false }, 1);
    assert.deepEqual(
      top.events.flatMap((e) => (e.type === 'resample' ? e.active : [])),
      [[0, 1]],
    );
  });
});

describe('initialisation: random', () => {
  test('starts at the weight with σ = 0, and keeps it beside', () => {
    const linear = new Linear(5, 6, { rng: new Rng(1), ...f64 });
    const layer = sst({ rank: 2, rng: new Rng(2), initialisation: 'random' }).attach(linear);
    assert.deepEqual([...layer.weight().data], [...linear.weight.data]);
    assert.ok(
      layer.sigma.data.every((s) => s === 0),
      'σ is 0',
    );
    assert.equal(layer.base?.requiresGrad, false);
    for (const length of lengths(layer)) assert.ok(Math.abs(length - 1) < 1e-14, `${length}`);
    assert.deepEqual([...layer.merge().weight.data], [...linear.weight.data]);
  });

  test('a round folds the factors into the weight and draws new ones: the function stays', async () => {
    const { layer, sigmas, weights } = await run({ initialisation: 'random' });
    assert.ok(
      sigmas[7].some((s) => s > 0),
      'σ grew in the first round',
    );
    const before = layer.weight();
    const vectors = [...layer.utActive.data];
    layer.decompose();
    const after = layer.weight();
    assert.ok(
      after.data.every((v, i) => Math.abs(v - before.data[i]) <= 1e-14),
      'the weight stays',
    );
    assert.ok(
      layer.sigma.data.every((s) => s === 0),
      'σ is 0 again',
    );
    assert.notDeepEqual([...layer.utActive.data], vectors);
    assert.equal(weights.length, 11);
  });
});

test('a setting that does not exist is refused by name', () => {
  const base = { rank: 2, rng: new Rng(1) };
  for (const bad of [{ sampling: 'best' }, { initialisation: 'zero' }, { trainedSigma: 'none' }])
    assert.throws(
      () => sst({ ...base, ...bad } as unknown as SstOptions),
      new RegExp(Object.keys(bad)[0]),
      JSON.stringify(bad),
    );
  assert.throws(() => sst({ ...base, rank: 0 }), DomainError);
});
