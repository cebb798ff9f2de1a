/**
 * Which learning rate suits which method on the digits, and how the methods compare at several lengths:
 * every method × {1e-3, 3e-3, 1e-2} × 3 seeds of 1,250 steps, then each at its best rate for 3,750 steps.
 * About 40 minutes on one core; prints Markdown tables and writes bench/results/digits-sweep.json.
 */
import { writeFileSync } from 'node:fs';
import { trainOnce } from '../../src/lab/compare/run.ts';
import { defaults, type MethodName, methodLabels, methodNames } from '../../src/lab/compare/settings.ts';
import { loadDigits } from '../../src/lab/data/digits.ts';
import { renderMarkdown } from '../../src/lab/terminal/table.ts';
import { Rng } from '../../src/tensor/rng.ts';

const rates = [1e-3, 3e-3, 1e-2];
const seeds = [1, 2, 3];
const checkpoints = [375, 1250, 3750];
const data = loadDigits(new Rng(2405));

interface Entry {
  readonly method: MethodName;
  readonly rate: number;
  readonly seed: number;
  readonly accuracyAt: Readonly<Record<number, number>>;
}

async function train(method: MethodName, rate: number, seed: number, steps: number): Promise<Entry> {
  const settings = {
    ...defaults,
    steps,
    evaluateAt: checkpoints,
    learningRates: { ...defaults.learningRates, [method]: rate },
  };
  const { accuracyAt } = await trainOnce(method, seed, settings, data, () => {});
  process.stderr.write(`${method} lr ${rate} seed ${seed}: ${JSON.stringify(accuracyAt)}\n`);
  return { method, rate, seed, accuracyAt };
}

function summary(entries: readonly Entry[], step: number): { mean: number; text: string } {
  const values = entries.map((e) => e.accuracyAt[step]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
  return { mean, text: `${mean.toFixed(4)} ± ${std.toFixed(4)}` };
}

const entries: Entry[] = [];
for (const method of methodNames)
  for (const rate of rates) for (const seed of seeds) entries.push(await train(method, rate, seed, 1250));

const of = (method: MethodName, rate: number): Entry[] => entries.filter((e) => e.method === method && e.rate === rate);
const best = methodNames.map((method) => {
  const [rate] = [...rates].sort((a, b) => summary(of(method, b), 1250).mean - summary(of(method, a), 1250).mean);
  return { method, rate };
});
const long: Entry[] = [];
for (const { method, rate } of best) for (const seed of seeds) long.push(await train(method, rate, seed, 3750));

const sweepTable = renderMarkdown({
  columns: [{ title: 'Method', align: 'left' }, ...rates.map((r) => ({ title: `lr ${r}, 1250 steps` }))],
  rows: methodNames.map((m) => [methodLabels[m], ...rates.map((r) => summary(of(m, r), 1250).text)]),
});
const lengthTable = renderMarkdown({
  columns: [{ title: 'Method', align: 'left' }, { title: 'lr' }, ...checkpoints.map((c) => ({ title: `${c} steps` }))],
  rows: best.map(({ method, rate }) => {
    const runs = long.filter((e) => e.method === method);
    return [methodLabels[method], String(rate), ...checkpoints.map((c) => summary(runs, c).text)];
  }),
});
process.stdout.write(`${sweepTable}\n\n${lengthTable}\n`);
writeFileSync(
  new URL('../results/digits-sweep.json', import.meta.url),
  `${JSON.stringify({ node: process.versions.node, settings: defaults, best, entries, long }, null, 1)}\n`,
);
