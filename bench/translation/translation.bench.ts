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
 *     npm run bench -- translation --data=DIR --part=1/2              every second run, for one of two processes
 *     npm run bench -- translation --data=DIR --lr=0.002 --factor=3   learning rate of dense parameters, and how many times it that of low-rank ones
 *     npm run bench -- translation --data=DIR --t3=100                steps between two samplings of SST, merges of ReLoRA*, projections of GaLore
 *     npm run bench -- translation --data=DIR --model=hyperbolic --dim=64 --rank=8   HyboNet's, in a folder of its own
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, namesOf, oneOf, positive } from '../../src/lab/arguments.ts';
import { methodNames } from '../../src/lab/compare/settings.ts';
import { interruptible } from '../../src/lab/output.ts';
import { readRun, runFiles } from '../../src/lab/sequence/runFiles.ts';
import { type RunKey, runName, runsOf } from '../../src/lab/sequence/settings.ts';
import { trainSequence } from '../../src/lab/sequence/train.ts';
import { progress } from '../../src/lab/terminal/progress.ts';
import { trainPairTokenizers } from '../../src/lab/text/pairTokenizers.ts';
import { openParallelText } from '../../src/lab/text/parallelText.ts';
import { seq2SeqNames } from '../../src/lab/translate/models.ts';
import { modelDefaults, type TranslateSettings } from '../../src/lab/translate/settings.ts';
import { translateTask } from '../../src/lab/translate/task.ts';
import { cpu } from '../../src/tensor/device.ts';
import { Rng } from '../../src/tensor/rng.ts';
import { machine } from '../measure.ts';

/** The text given as `--name=text`. */
const given = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const data = given('data');
const model = oneOf('--model', given('model'), seq2SeqNames, 'euclidean');
const dim = count('--dim', given('dim'), 128);
const results = fileURLToPath(new URL('../results/translation/', import.meta.url));
const folder = model === 'euclidean' && dim === 128 ? results : join(results, `${model}-${dim}`);
const dense = positive('--lr', given('lr') ?? '0.002');
const own = dense * positive('--factor', given('factor') ?? '3');
const low = { dense, own };
const steps = count('--steps', given('steps'), 3000);

const settings: TranslateSettings = {
  data: 'multi30k',
  languages: { source: 'de', target: 'en' },
  vocabulary: 8000,
  model,
  batchTokens: 1024,
  beam: 4,
  alpha: 0.6,
  methods: namesOf('--methods', given('methods') ?? 'full,lora,relora,sst,galore', methodNames),
  ranks: (given('rank') ?? '16,4').split(',').map((rank) => count('--rank', rank, 16)),
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

/** Which share of the runs: `1/2` is the first, third, … */
function part(runs: readonly RunKey[]): RunKey[] {
  const [which, of] = (given('part') ?? '1/1').split('/').map((n) => count('--part', n, 1));
  return runs.filter((_, i) => i % of === which - 1);
}

async function train(path: string): Promise<void> {
  const text = openParallelText(path, settings.languages, new Rng(1));
  const task = translateTask(text, trainPairTokenizers(text.train, { size: settings.vocabulary }), settings);
  const passing = given('passing') ?? join(tmpdir(), 'spectragrad-translation', `${model}-${dim}`);
  for (const place of [folder, passing]) mkdirSync(place, { recursive: true });
  process.stderr.write(`${task.data}\n${task.modelText}\n`);
  const { checkpointEvery, watchEvery, device, methods, ranks, seeds, ...kept } = settings;
  const made = { ...machine(), settings: kept };
  // All runs of the first rank come first.
  const runs = runsOf(settings).sort((a, b) => (b.rank ?? Infinity) - (a.rank ?? Infinity));
  await interruptible(async (signal) => {
    for (const key of part(runs)) {
      const files = runFiles(key, folder, { passing, weights: false });
      const found = readRun(files);
      if (found !== null && found.steps !== settings.steps)
        throw new Error(`${files.record} has ${found.steps} steps: delete it, or ask for --steps=${found.steps}`);
      if (signal.aborted || found !== null) continue;
      const bar = progress({ label: runName(key), total: settings.steps, stream: process.stderr, every: 60_000 });
      const run = await trainSequence({
        task,
        key,
        settings,
        device: cpu,
        files,
        made,
        observe: (event) => event.type === 'step' && bar.update(event.step, event.loss),
        signal,
      });
      const { bleu } = run.measured ?? {};
      bar.done(
        `BLEU ${bleu?.score.toFixed(2)}, perplexity ${run.test?.perToken.toFixed(2)}, ${run.msPerStep.toFixed(0)} ms/step`,
      );
    }
  });
}

if (data === undefined) {
  process.stderr.write('translation: --data=DIR says where Multi30K is\n');
  process.exitCode = 2;
} else await train(data);
