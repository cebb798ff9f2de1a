/**
 * Times of the singular value decomposition on normal matrices, in milliseconds: median and least of several runs.
 *
 *     npx tsx bench/linalg/svd.bench.ts
 */
import { singularValues, thinSvd } from '../../src/tensor/linalg/svd.ts';
import { Rng } from '../../src/tensor/rng.ts';

const sizes: readonly (readonly [m: number, n: number])[] = [
  [64, 64],
  [128, 128],
  [256, 256],
  [512, 512],
  [784, 128],
  [784, 512],
];

/** Milliseconds of each run, ascending, without the first. */
function timesOf(run: () => unknown): number[] {
  const times: number[] = [];
  const start = performance.now();
  run();
  // As many as fit in two seconds, between 3 and 50.
  const count = Math.max(3, Math.min(50, Math.floor(2000 / (performance.now() - start))));
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    run();
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b);
}

const show = (times: readonly number[]): string =>
  [times[times.length >> 1] as number, times[0] as number].map((time) => time.toFixed(1).padStart(9)).join('');

const rng = new Rng(1);
thinSvd(
  Float64Array.from({ length: 1e4 }, () => rng.normal()),
  100,
  100,
);
for (const [m, n] of sizes) {
  const a = Float64Array.from({ length: m * n }, () => rng.normal());
  const full = timesOf(() => thinSvd(a, m, n));
  const values = timesOf(() => singularValues(a, m, n));
  console.log(`${m} × ${n}`.padEnd(12), 'svd', show(full), '  values', show(values));
}
