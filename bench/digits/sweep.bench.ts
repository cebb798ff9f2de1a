/**
 * Which learning rate suits which method on the digits, and how the methods compare at several lengths:
 * every method × {1e-3, 3e-3, 1e-2} × 3 seeds, tested on the way. The model is the default, 784-512-512-512-10 at r = 16, for 1,250
 * steps; with `--model=small` it is 784-128-128-10 at r = 8 for 3,750. Prints Markdown tables. Every finished run is kept in
 * bench/results/digits-sweep.json (or digits-sweep-small.json), and a run that is found there is not repeated: delete the file to
 * start anew.
 *
 *     npm run bench -- sweep
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { trainOnce } from '../../src/lab/compare/run.ts';
import { defaults, type MethodName, methodLabels, methodNames } from '../../src/lab/compare/settings.ts';
import { loadDigits } from '../../src/lab/data/digits.ts';
import { renderMarkdown } from '../../src/lab/terminal/table.ts';
import { Rng } from '../../src/tensor/rng.ts';

const rates = [1e-3, 3e-3, 1e-2];
const seeds = [1, 2, 3];
const small = process.argv.includes('--model=small');
const model = small ? { ...defaults, hidden: [128, 128], rank: 8 } : defaults;
const checkpoints = small ? [375, 1250, 3750] : [375, 1250];
const data = loadDigits(new Rng(2405));

interface Entry {
  readonly method: MethodName;
  readonly rate: number;
  readonly seed: number;
  readonly accuracyAt: Readonly<Record<number, number>>;
}

const file = new URL(`../results/digits-sweep${small ? '-small' : ''}.json`, import.meta.url);
const entries: Entry[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).entries : [];

async function train(method: MethodName, rate: number, seed: number): Promise<void> {
  if (entries.some((e) => e.method === method && e.rate === rate && e.seed === seed)) return;
  const settings = {
    ...model,
    steps: Math.max(...checkpoints),
    evaluateAt: checkpoints,
    learningRates: { ...defaults.learningRates, [method]: rate },
  };
  const { accuracyAt } = await trainOnce(method, seed, settings, data, () => {});
  process.stderr.write(`${method} lr ${rate} seed ${seed}: ${JSON.stringify(accuracyAt)}\n`);
  entries.push({ method, rate, seed, accuracyAt });
  save();
}

const save = (): void => writeFileSync(file, `${JSON.stringify({ settings: model, entries }, null, 1)}\n`);

function summary(entries: readonly Entry[], step: number): { mean: number; text: string } {
  const values = entries.map((e) => e.accuracyAt[step]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
  return { mean, text: `${mean.toFixed(4)} ± ${std.toFixed(4)}` };
}

for (const seed of seeds) for (const rate of rates) for (const method of methodNames) await train(method, rate, seed);

const of = (method: MethodName, rate: number): Entry[] => entries.filter((e) => e.method === method && e.rate === rate);
const bestRate = (method: MethodName, step: number): number =>
  [...rates].sort((a, b) => summary(of(method, b), step).mean - summary(of(method, a), step).mean)[0];

const sweepTable = renderMarkdown({
  columns: [{ title: 'Method', align: 'left' }, ...rates.map((r) => ({ title: `lr ${r}, 1250 steps` }))],
  rows: methodNames.map((m) => [methodLabels[m], ...rates.map((r) => summary(of(m, r), 1250).text)]),
});
const lengthTable = renderMarkdown({
  columns: [{ title: 'Method', align: 'left' }, ...checkpoints.map((c) => ({ title: `${c} steps (best lr)` }))],
  rows: methodNames.map((m) => [
    methodLabels[m],
    ...checkpoints.map((c) => `${summary(of(m, bestRate(m, c)), c).text} (${bestRate(m, c)})`),
  ]),
});
process.stdout.write(`${sweepTable}\n\n${lengthTable}\n`);
save();
