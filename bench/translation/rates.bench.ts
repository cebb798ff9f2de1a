/**
 * Which learning rate suits which method in the default run of `spectragrad translate`, made a third longer: every method × {2.5e-3, 5e-3, 1e-2}, the same for dense and
 * low-rank parameters, by the lowest loss in validation. Every finished run is a file in bench/results/translation-rates and is not repeated: delete it
 * to make it anew. Prints a Markdown table. A run takes about a minute of processor time (AMD EPYC, Node 20.20, one thread).
 *
 *     npm run bench -- rates
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MethodName, methodLabels, methodNames } from '../../src/lab/compare/settings.ts';
import type { SequenceRun } from '../../src/lab/sequence/results.ts';
import { readRun, runFiles } from '../../src/lab/sequence/runFiles.ts';
import { trainSequence } from '../../src/lab/sequence/train.ts';
import { renderMarkdown } from '../../src/lab/terminal/table.ts';
import { openTranslation } from '../../src/lab/translate/command.ts';
import { defaults } from '../../src/lab/translate/settings.ts';
import type { Translated } from '../../src/lab/translate/task.ts';
import { cpu } from '../../src/tensor/device.ts';
import { machine } from '../measure.ts';

const rates = [2.5e-3, 5e-3, 1e-2];
const longer = { ...defaults, steps: 800, rise: 80, evaluateEvery: 100 };
const { task } = openTranslation(longer);

async function runOf(method: MethodName, rate: number): Promise<SequenceRun<Translated>> {
  const folder = fileURLToPath(new URL(`../results/translation-rates/${rate}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const key = { method, rank: method === 'full' ? null : defaults.ranks[0], seed: defaults.seeds[0] };
  const files = runFiles(key, folder, { weights: false });
  const found = readRun<Translated>(files);
  if (found !== null) return found;
  const same = { dense: rate, own: rate };
  const settings = { ...longer, rates: { ...longer.rates, [method]: same } };
  const run = await trainSequence({ task, key, settings, device: cpu, files, made: machine(), observe() {} });
  process.stderr.write(`${methodLabels[method]} ${rate}: ${text(run)}\n`);
  return run;
}

/** The lowest loss in validation, and BLEU on the test part. */
const text = ({ validation, measured, diverged }: SequenceRun<Translated>): string =>
  diverged
    ? 'diverged'
    : `${Math.min(...validation.map(({ loss }) => loss)).toFixed(3)} (${measured?.bleu.score.toFixed(2)})`;

const rows: string[][] = methodNames.map((method) => [methodLabels[method]]);
for (const rate of rates)
  for (const [row, method] of methodNames.entries()) rows[row].push(text(await runOf(method, rate)));
const columns = [{ title: 'Method', align: 'left' as const }, ...rates.map((rate) => ({ title: `lr ${rate}` }))];
process.stdout.write(`Lowest loss in validation (BLEU on the test part)\n\n${renderMarkdown({ columns, rows })}\n`);
