/**
 * How time grows with work: the slope of log time over log flops between neighbouring sizes. 1 is proportional; below 1 fixed costs
 * still show; above 1.3 there is a cliff, which is flagged. Processor time of one thread. Writes bench/results/growth.json.
 *
 *     npm run bench -- growth
 */
import { matmul, Rng, randn } from '../src/index.ts';
import { svd } from '../src/linalg.ts';
import { columns, interleave, median, option, ratio, save, show, type Variant } from './measure.ts';
import { mlpStep } from './peers/oursSteps.ts';

/** One size of a series. */
interface Point {
  readonly size: number;
  readonly flops: number;
  make(): () => void;
}

const powers = (from: number, to: number): number[] =>
  Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);

const rng = new Rng(1);

/** Flops of a training step: three products per layer, two in the first. */
function mlpPoint(size: number, widths: readonly number[], batch: number): Point {
  const products = widths.slice(1).map((width, i) => width * widths[i] * (i === 0 ? 2 : 3));
  return {
    size,
    flops: 2 * batch * products.reduce((a, b) => a + b),
    make() {
      const work = mlpStep({ kind: 'mlp', widths, batch, lr: 0.01 }, true);
      return () => void work.run();
    },
  };
}

const gemm = (n: number): Point => ({
  size: n,
  flops: 2 * n ** 3,
  make() {
    const [a, b] = [randn([n, n], rng), randn([n, n], rng)];
    return () => void matmul(a, b);
  },
});

/** Only proportional to the flops, which depend on the values. */
const decomposition = (n: number): Point => ({
  size: n,
  flops: 20 * n ** 3,
  make() {
    const a = randn([n, n], rng, { dtype: 'float64' });
    return () => void svd(a);
  },
});

const series: Readonly<Record<string, readonly Point[]>> = {
  GEMM: powers(64, 2048).map(gemm),
  SVD: powers(64, 1024).map(decomposition),
  'MLP width': powers(128, 2048).map((width) => mlpPoint(width, [784, width, width, 10], 128)),
  'MLP batch': powers(1, 4096).map((batch) => mlpPoint(batch, [784, 256, 256, 10], batch)),
};

const cliff = 1.3;
const plan = {
  rounds: option('rounds', 5),
  budget: option('budget', 100),
  share: option('share', 4000),
  clock: 'cpu',
} as const;
const report: Record<string, unknown>[] = [];
for (const [name, points] of Object.entries(series)) {
  const variants: Variant[] = points.map(({ size, make }) => ({ name: String(size), run: make() }));
  const samples = await interleave(variants, plan);
  const ms = points.map(({ size }) => median(Object.values(samples.get(String(size)) ?? [])));
  const of = (i: number): number[] | undefined => samples.get(String(points[i].size));
  const slopes = points.map(({ flops }, i) =>
    i === 0 ? Number.NaN : Math.log(ratio(of(i), of(i - 1))) / Math.log(flops / points[i - 1].flops),
  );
  const lines = points.map(({ size, flops }, i) => [
    `${name} ${size}`,
    show(ms[i]),
    show(flops / (ms[i] * 1e6)),
    Number.isNaN(slopes[i]) ? '' : slopes[i].toFixed(2),
    slopes[i] > cliff ? 'CLIFF' : '',
  ]);
  console.log(`${columns([[name, 'CPU ms', 'GFLOP/s', 'slope', ''], ...lines])}\n`);
  const kept = points.map(({ size, flops }, i) => ({ size, flops, ms: ms[i], slope: slopes[i] }));
  report.push({
    series: name,
    points: kept,
    cliffs: kept.filter(({ slope }) => slope > cliff).map(({ size }) => size),
  });
}
save('growth', { command: 'npm run bench -- growth', cliff, results: report });
