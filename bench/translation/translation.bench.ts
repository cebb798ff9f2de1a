/**
 * German to English on Multi30K with full training, LoRA, ReLoRA*, SST and GaLore: a Transformer of width 128 with 3 + 3 layers, 4 heads,
 * feed-forward 512, one vocabulary of 8,000 tokens, batches of at most 1,024 tokens a side. The same steps for all; the weights with the
 * lowest loss in validation are tested. Ranks 16, then 4; full training runs once. Every finished run is a file in
 * bench/results/translation and is not repeated: delete it to make it anew. A run that is stopped (Ctrl-C) goes on from its last checkpoint, which lies in
 * a temporary folder (--passing=DIR). A step of 1,920 tokens takes about 0.55 s of processor time with full training, and 0.6 s with SST (AMD
 * EPYC, Node 20.20, one thread, two cores that others use too); an epoch has 476 steps.
 *
 * Larger batches do not fit the memory of the SIMD kernels (1 GiB) with SST, whose step of 3,840 tokens takes 1.6 s instead of 1.2.
 *
 *     npm run bench -- translation --data=DIR                         DIR holds train.de, train.en, val.…, test_2016_flickr.… (or .gz)
 *     npm run bench -- translation --data=DIR --methods=full,sst --rank=16,4 --steps=3000 --seed=1
 *     npm run bench -- translation --table                            the tables of docs/translation.md; with --model=hyperbolic the second pair
 *     npm run bench -- translation --data=DIR --part=1/2              every second run, for one of two processes
 *     npm run bench -- translation --data=DIR --lr=0.002 --factor=3   learning rate of dense parameters, and how many times it that of low-rank ones; in a folder of its own
 *     npm run bench -- translation --data=DIR --t3=100                steps between two samplings of SST, merges of ReLoRA*, projections of GaLore
 *     npm run bench -- translation --data=DIR --model=hyperbolic      HyboNet's of width 64 at rank 8, 1,500 steps, in a folder of its own
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, namesOf, oneOf, positive } from '../../src/lab/arguments.ts';
import { methodNames } from '../../src/lab/compare/settings.ts';
import { runFiles } from '../../src/lab/sequence/runFiles.ts';
import { openTranslation } from '../../src/lab/translate/command.ts';
import { seq2SeqNames } from '../../src/lab/translate/models.ts';
import { modelDefaults, type TranslateSettings } from '../../src/lab/translate/settings.ts';
import { folderAt, given, keepRuns } from '../sequence.ts';
import { tables } from './tables.ts';

const data = given('data');
const model = oneOf('--model', given('model'), seq2SeqNames, 'euclidean');
/** What is not said: as long as half an hour of processor time gives. */
const usual = {
  euclidean: { dim: 128, ranks: '16,4', steps: 3000, lr: '0.002', factor: '3' },
  hyperbolic: { dim: 64, ranks: '8', steps: 1500, lr: '0.005', factor: '1' },
}[model];
const dim = count('--dim', given('dim'), usual.dim);
const results = fileURLToPath(new URL('../results/translation/', import.meta.url));
const folder = folderAt(model === 'euclidean' && dim === 128 ? results : join(results, `${model}-${dim}`));
const dense = positive('--lr', given('lr') ?? usual.lr);
const own = dense * positive('--factor', given('factor') ?? usual.factor);
const low = { dense, own };
const steps = count('--steps', given('steps'), usual.steps);

const settings: TranslateSettings = {
  data: 'multi30k',
  languages: { source: 'de', target: 'en' },
  vocabulary: 8000,
  model,
  batchTokens: 1024,
  beam: 4,
  alpha: 0.6,
  methods: namesOf('--methods', given('methods') ?? 'full,lora,relora,sst,galore', methodNames),
  ranks: (given('rank') ?? usual.ranks).split(',').map((rank) => count('--rank', rank, 16)),
  seeds: [count('--seed', given('seed'), 1, 0)],
  dim,
  layers: 3,
  heads: 4,
  feedForward: 4 * dim,
  dropout: 0.1,
  attentionDropout: 0.1,
  labelSmoothing: 0.1,
  steps,
  accumulate: 1,
  optimizer: 'adam',
  weightDecay: 0,
  rates: { full: { dense, own: dense }, lora: low, relora: low, sst: low, galore: low },
  schedule: 'cosine',
  rise: Math.min(400, Math.floor(steps / 8)),
  clip: null,
  ...modelDefaults[model],
  iterationSteps: count('--t3', given('t3'), 100),
  warmup: 20,
  evaluateEvery: 300,
  watchEvery: 10,
  checkpointEvery: 200,
  keep: 'best',
  device: 'cpu',
};

async function train(path: string): Promise<void> {
  const { task } = openTranslation({ ...settings, data: path });
  const passing = folderAt(given('passing') ?? join(tmpdir(), 'spectragrad-translation', `${model}-${dim}`));
  await keepRuns({
    task,
    settings,
    folders: [folder, passing],
    filesOf: (key) => runFiles(key, folder, { passing, weights: false }),
    note: ({ measured, test }) => `BLEU ${measured?.bleu.score.toFixed(2)}, perplexity ${test?.perToken.toFixed(2)}`,
  });
}

if (process.argv.includes('--table')) process.stdout.write(`${tables(folder)}\n`);
else if (data === undefined) {
  process.stderr.write('translation: --data=DIR says where Multi30K is\n');
  process.exitCode = 2;
} else await train(data);
