/**
 * Memory over a synchronous training loop: 20,000 small steps without a pause in which finalizers could run. The resident
 * set must stay flat: everything that a step allocates, its graph included, is ordinary garbage.
 *
 *     npm run bench -- memory
 */
import { backward, Rng, randn, type Tensor } from '../../src/index.ts';
import { adam, Linear, ReLU, Sequential } from '../../src/nn/index.ts';

const steps = 20_000;
const every = 2000;
const mebibyte = 2 ** 20;

const rng = new Rng(1);
const model = new Sequential(new Linear(16, 32, { rng }), new ReLU(), new Linear(32, 1, { rng }));
const optimizer = adam(model.parameters(), { lr: 1e-3 });
const x = randn([32, 16], rng);
const target = x.slice([null, [0, 1]]).square();

function step(): Tensor {
  model.zeroGrad();
  const loss = model.call(x).sub(target).square().mean();
  backward(loss);
  optimizer.step();
  return loss;
}

/** Least-squares slope of the readings, per reading. */
function slopeOf(ys: readonly number[]): number {
  const middle = (ys.length - 1) / 2;
  const mean = ys.reduce((a, b) => a + b, 0) / ys.length;
  const [up, down] = ys.reduce(([p, q], v, i) => [p + (i - middle) * (v - mean), q + (i - middle) ** 2], [0, 0]);
  return up / down;
}

const readings: number[] = [];
const start = performance.now();
for (let i = 1; i <= steps; i++) {
  const loss = step();
  if (i % every !== 0) continue;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  readings.push(rss);
  const [all, heap, buffers] = [rss, heapUsed, arrayBuffers].map((n) => (n / mebibyte).toFixed(1).padStart(7));
  const state = `${String(i).padStart(6)} steps  loss ${loss.item().toExponential(2)}`;
  console.log(`${state}  rss ${all} MiB  heap ${heap}  buffers ${buffers}`);
}
// The first reading is still warming up: code is compiled and the heap finds its size.
const settled = readings.slice(1);
const drift = (slopeOf(settled) / mebibyte / every) * 1000;
const microseconds = ((performance.now() - start) / steps) * 1000;
console.log(
  `${microseconds.toFixed(0)} µs per step; rss drifts by ${drift.toFixed(3)} MiB per 1,000 steps after the first ${every}`,
);
