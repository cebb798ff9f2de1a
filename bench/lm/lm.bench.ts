/**
 * Language models on the Brown corpus with full training, LoRA, ReLoRA*, SST and GaLore at rank 16: OPT of width 256 with 4 layers, 4 heads,
 * feed-forward 1024, a vocabulary of 4,000 tokens, batches of 8 blocks of 128 tokens, the same steps for all; an epoch has 1,464 steps.
 * Then the perplexity of each model with its smallest singular values left out, and tables, with how the gradient norms of each method go
 * with those of full training. Every finished run is a file in bench/results/lm and is not repeated, nor is its pruning
 * (prune-….json): delete it to make it anew. A run that is stopped (Ctrl-C) goes on from its last checkpoint, which lies with the
 * weights in a temporary folder (--passing=DIR).
 *
 * A step takes about 0.83 s of processor time with full training, 0.93 s with SST, 0.85 s with GaLore and 0.70 s with LoRA and ReLoRA* (AMD EPYC,
 * Node 20.20, one thread, two cores that others use too); measuring a model on the test part, 83 batches, about 25 s.
 *
 *     npm run bench -- lm
 *     npm run bench -- lm --methods=full,sst --rank=16 --steps=800 --seed=1
 *     npm run bench -- lm --table                  the tables of docs/language-models.md
 *     npm run bench -- lm --part=1/2               every second run, for one of two processes
 *     npm run bench -- lm --lr=0.001 --factor=3    learning rate of dense parameters, and how many times it that of low-rank ones; in a folder of its own
 *     npm run bench -- lm --t3=50                  steps between two samplings of SST, merges of ReLoRA*, projections of GaLore
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, namesOf, positive } from '../../src/lab/arguments.ts';
import { methodNames } from '../../src/lab/compare/settings.ts';
import { corpusOf, openText, vocabularyOf } from '../../src/lab/lm/corpus.ts';
import { readModelFolder, weightsPath, writeModelFolder } from '../../src/lab/lm/modelFolder.ts';
import { defaults, type LmSettings } from '../../src/lab/lm/settings.ts';
import { configurationOf, lmTask } from '../../src/lab/lm/task.ts';
import { perplexity } from '../../src/lab/metrics/perplexity.ts';
import { type PrunePoint, paperKeeps, pruneCurve } from '../../src/lab/prune/curve.ts';
import { likelihood } from '../../src/lab/sequence/measure.ts';
import { type RunFiles, runFiles } from '../../src/lab/sequence/runFiles.ts';
import { type RunKey, runName } from '../../src/lab/sequence/settings.ts';
import { cpu } from '../../src/tensor/device.ts';
import { saveFile } from '../../src/tensor/io/files.ts';
import { machine } from '../measure.ts';
import { folderAt, given, keepRuns } from '../sequence.ts';
import { pruningFile, readPruning, tables } from './tables.ts';

const folder = folderAt(fileURLToPath(new URL('../results/lm/', import.meta.url)));
const passing = folderAt(given('passing') ?? join(tmpdir(), 'spectragrad-lm'));

const dense = positive('--lr', given('lr') ?? '0.001');
const own = dense * positive('--factor', given('factor') ?? '3');
const low = { dense, own };
const steps = count('--steps', given('steps'), 800);

const settings: LmSettings = {
  ...defaults,
  methods: namesOf('--methods', given('methods') ?? methodNames.join(','), methodNames),
  ranks: (given('rank') ?? '16').split(',').map((rank) => count('--rank', rank, 16)),
  seeds: [count('--seed', given('seed'), 1, 0)],
  steps,
  rates: { full: { dense, own: dense }, lora: low, relora: low, sst: low, galore: low },
  rise: Math.min(100, Math.floor(steps / 8)),
  iterationSteps: count('--t3', given('t3'), 50),
  warmup: 10,
  evaluateEvery: Math.max(1, Math.floor(steps / 5)),
};

const corpus = openText(settings.data);
const tokenizer = vocabularyOf(corpus, settings.vocabulary);
const task = lmTask(corpusOf(corpus, tokenizer), settings);

const modelFolder = (key: RunKey): string => join(passing, 'models', runName(key));

function filesOf(key: RunKey): RunFiles {
  writeModelFolder(modelFolder(key), configurationOf(settings, tokenizer.size), tokenizer);
  return runFiles(key, folder, { passing, weights: weightsPath(modelFolder(key)) });
}

/** Prune the model of a finished run and measure what is left, unless that is done, or its weights are gone. */
async function prune(key: RunKey): Promise<void> {
  if (readPruning(folder, key) !== null || !existsSync(weightsPath(modelFolder(key)))) return;
  const { model } = readModelFolder(modelFolder(key));
  const points: PrunePoint[] = [];
  const measure = async () => perplexity(await likelihood({ task, model, device: cpu }, task.test));
  for await (const point of pruneCurve(model, paperKeeps, measure)) points.push(point);
  const record = { ...key, points, made: machine() };
  saveFile(pruningFile(folder, key), new TextEncoder().encode(`${JSON.stringify(record)}\n`));
}

if (!process.argv.includes('--table')) {
  const runs = await keepRuns({
    task,
    settings,
    folders: [folder, passing],
    filesOf,
    note: ({ test }) => `perplexity ${test?.perToken.toFixed(2)}`,
  });
  for (const run of runs) if (!run.diverged) await prune(run);
}
process.stdout.write(`${tables(folder)}\n`);
