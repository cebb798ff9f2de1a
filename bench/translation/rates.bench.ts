/**
 * Which learning rate suits which method in the default run of `spectragrad translate`: every method × {2.5e-3, 5e-3, 1e-2, 2e-2}, the same for dense
 * and low-rank parameters, by the lowest loss in validation. Prints a Markdown table. Every finished run is kept in
 * bench/results/translation-rates.json, and a run that is found there is not repeated: delete the file to start anew. A run takes about 45 s (AMD
 * EPYC, Node 20.20, one thread).
 *
 *     npm run bench -- rates
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MethodName, methodLabels, methodNames } from '../../src/lab/compare/settings.ts';
import { runFiles } from '../../src/lab/sequence/runFiles.ts';
import { trainSequence } from '../../src/lab/sequence/train.ts';
import { renderMarkdown } from '../../src/lab/terminal/table.ts';
import { openTranslation } from '../../src/lab/translate/command.ts';
import { defaults } from '../../src/lab/translate/settings.ts';
import { cpu } from '../../src/tensor/device.ts';
import { machine } from '../measure.ts';

const rates = [2.5e-3, 5e-3, 1e-2, 2e-2];
const { task } = openTranslation(defaults);

interface Entry {
  readonly method: MethodName;
  readonly rate: number;
  /** The lowest loss in validation; null when the run diverged. */
  readonly validation: number | null;
  readonly bleu: number | null;
}

const file = new URL('../results/translation-rates.json', import.meta.url);
const entries: Entry[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).entries : [];
const find = (method: MethodName, rate: number): Entry | undefined =>
  entries.find((entry) => entry.method === method && entry.rate === rate);

async function train(method: MethodName, rate: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spectragrad-rates-'));
  const key = { method, rank: method === 'full' ? null : defaults.ranks[0], seed: defaults.seeds[0] };
  const settings = { ...defaults, rates: { ...defaults.rates, [method]: { dense: rate, own: rate } } };
  const files = runFiles(key, folder, { weights: false });
  const run = await trainSequence({ task, key, settings, device: cpu, files, made: {}, observe() {} });
  rmSync(folder, { recursive: true });
  const validation = run.diverged ? null : Math.min(...run.validation.map(({ loss }) => loss));
  entries.push({ method, rate, validation, bleu: run.measured?.bleu.score ?? null });
  const { rates: _, ...same } = defaults;
  writeFileSync(file, `${JSON.stringify({ ...machine(), settings: same, entries }, null, 1)}\n`);
  process.stderr.write(`${methodLabels[method]} ${rate}: ${text(find(method, rate))}\n`);
}

const text = (entry: Entry | undefined): string =>
  entry === undefined || entry.validation === null || entry.bleu === null
    ? 'diverged'
    : `${entry.validation.toFixed(3)} (${entry.bleu.toFixed(2)})`;

for (const rate of rates)
  for (const method of methodNames) if (find(method, rate) === undefined) await train(method, rate);

const table = renderMarkdown({
  columns: [{ title: 'Method', align: 'left' }, ...rates.map((rate) => ({ title: `lr ${rate}` }))],
  rows: methodNames.map((method) => [methodLabels[method], ...rates.map((rate) => text(find(method, rate)))]),
});
process.stdout.write(`Lowest loss in validation (BLEU on the test part)\n\n${table}\n`);
