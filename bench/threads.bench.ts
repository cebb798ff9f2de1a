/**
 * One thread and two, at the default threshold: products of 64³ to 1024³ in a scope, on pinned operands, as a training step has them,
 * two of them also as plain calls, whose results are fresh arrays; and a training step of a perceptron at batch 512.
 *
 *     npm run bench -- threads
 */
import { matmul, pin, Rng, randn, scope, setThreads } from '../src/index.ts';
import { columns, interleave, median, option, ratio, save, show, type Variant } from './measure.ts';
import { mlpStep } from './peers/oursSteps.ts';

const rng = new Rng(1);
const plan = { rounds: option('rounds', 11), budget: option('budget', 100) };

/** The work on each count of threads; `make` gives each its own. */
const variants = (make: () => () => void): Variant[] =>
  [1, 2].map((threads) => ({
    name: String(threads),
    before: () => setThreads(threads),
    run: make(),
  }));

const product = (n: number, scoped: boolean): (() => void) => {
  const [a, b] = [randn([n, n], rng), randn([n, n], rng)];
  if (!scoped) return () => void matmul(a, b);
  pin([a, b]);
  return () =>
    scope(() => {
      matmul(a, b);
    });
};

const rows: Readonly<Record<string, () => () => void>> = {
  ...Object.fromEntries([64, 96, 128, 192, 256, 384, 512, 768, 1024].map((n) => [`${n}³`, () => product(n, true)])),
  ...Object.fromEntries([256, 1024].map((n) => [`${n}³, plain call`, () => product(n, false)])),
  'MLP 784-256-256-10, batch 512, step': () => {
    const work = mlpStep({ kind: 'mlp', widths: [784, 256, 256, 10], batch: 512, lr: 0.01 }, true);
    // A step runs through much code: the compilers need seconds for it.
    for (let i = 0; i < 150; i++) work.run();
    return () => void work.run();
  },
};

const results: { row: string; one: number; two: number; times: number }[] = [];
for (const [row, make] of Object.entries(rows)) {
  const samples = await interleave(variants(make), plan);
  const [one, two] = ['1', '2'].map((name) => samples.get(name) ?? []);
  results.push({ row, one: median(Object.values(one)), two: median(Object.values(two)), times: ratio(one, two) });
}
await setThreads(1);
const lines = results.map(({ row, one, two, times }) => [row, show(one), show(two), `${times.toFixed(2)}x`]);
console.log(columns([['', 'ms, 1 thread', 'ms, 2 threads', 'times as fast'], ...lines]));
save('threads', { command: 'npm run bench -- threads', results });
