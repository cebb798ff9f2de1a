/** The memory-efficient storage (active and frozen apart, rows swapped) is the dense + mask form of the paper, step by step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mul, Rng, randn, square, sub, sum, type Tensor } from '../../src/index.ts';
import { svd } from '../../src/linalg.ts';
import { adam, fit, Linear, Sequential, type TrainEvent } from '../../src/nn/index.ts';
import { convert, type MethodEvent, type SpectralLinear } from '../../src/sst/index.ts';
import { DenseSst } from './dense.ts';
import { asTensor, distance, type Matrix, plain } from './plain.ts';

const settings = { lr: 0.01, warm: 4 };
const clock = { stepsPerIteration: 7, iterationsPerRound: 3 };

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

function batches(m: number, n: number, steps: number, rng: Rng): Batch[] {
  const f64 = { dtype: 'float64' } as const;
  return Array.from({ length: steps }, () => ({ x: randn([5, n], rng, f64), y: randn([5, m], rng, f64) }));
}

/** Vectors as rows, by name, as they lie after a decomposition. */
function whole({ utActive, utFrozen, vtActive, vtFrozen }: SpectralLinear): [Matrix, Matrix] {
  return [
    [...plain(utActive), ...plain(utFrozen)],
    [...plain(vtActive), ...plain(vtFrozen)],
  ];
}

/** Train both forms side by side on the same batches and the same samples; `each` sees every step's losses and weights. */
async function compare(
  { m, n, rank, enhanced, rounds }: { m: number; n: number; rank: number; enhanced: boolean; rounds: number },
  each: (step: number, losses: readonly [number, number], weights: readonly [Matrix, Matrix]) => void,
): Promise<DenseSst> {
  const rng = new Rng(100 * m + n);
  const model = new Sequential(new Linear(n, m, { rng, dtype: 'float64', bias: false }));
  const plan = convert(model, { method: 'sst', rank, rng, enhanced, warmup: settings.warm, ...clock });
  const layer = plan.layers[0].layer as SpectralLinear;
  const dense = new DenseSst(whole(layer)[0], [...layer.sigma.data], whole(layer)[1], { ...settings, enhanced });
  const optimizer = adam(plan.groups(), { lr: settings.lr });
  const data = batches(m, n, rounds * clock.stepsPerIteration * clock.iterationsPerRound, rng);
  const loss = ({ x, y }: Batch): Tensor => mul(sum(square(sub(model.call(x), y))), 0.5 / x.shape[0]);
  const run = fit<Batch, MethodEvent>({
    model,
    optimizer,
    loss,
    batches: data,
    steps: data.length,
    hooks: [plan.hook(optimizer)],
  });
  for await (const event of run) follow(event, layer, dense, data, each);
  return dense;
}

function follow(
  event: TrainEvent<MethodEvent>,
  layer: SpectralLinear,
  dense: DenseSst,
  data: readonly Batch[],
  each: Parameters<typeof compare>[1],
): void {
  if (event.type === 'decompose') {
    const [u, s, vt] = svd(asTensor(dense.weight()));
    [dense.u, dense.s, dense.v] = [plain(u.transpose()), [...s.data], plain(vt)];
  }
  if (event.type === 'resample') dense.sample(event.active[0]);
  if (event.type !== 'step') return;
  const { x, y } = data[event.step];
  const expected = dense.step(plain(x), plain(y));
  each(event.step, [event.loss, expected], [plain(layer.weight()), dense.weight()]);
}

for (const [m, n, rank] of [
  [4, 6, 2],
  [5, 5, 1],
  [6, 3, 2],
  [3, 4, 3],
])
  for (const enhanced of [true, false])
    test(`${m}×${n}, r = ${rank}, ${enhanced ? 'enhanced' : 'default'}: losses and W agree to 1e-12 over a round`, async () => {
      let steps = 0;
      await compare({ m, n, rank, enhanced, rounds: 1 }, (step, [loss, expected], [W, dense]) => {
        assert.ok(Math.abs(loss - expected) <= 1e-12 * expected, `step ${step}: loss ${loss}, expected ${expected}`);
        assert.ok(distance(W, dense) <= 1e-12, `step ${step}: W off by ${distance(W, dense)}`);
        steps += 1;
      });
      assert.equal(steps, 21);
    });

test('while no σ is 0 the two forms agree across decompositions too: three rounds, to 1e-9', async () => {
  const dense = await compare(
    { m: 4, n: 6, rank: 2, enhanced: true, rounds: 3 },
    (step, [loss, expected], [W, other]) => {
      assert.ok(Math.abs(loss - expected) <= 1e-9 * expected && distance(W, other) <= 1e-9, `step ${step}`);
    },
  );
  assert.ok(
    dense.s.every((v) => v > 0),
    `σ is ${dense.s}`,
  );
});
