/** A language of few words whose translation is to write them large and backwards: enough to train a tiny model on in a second. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MethodName, methodNames } from '../../../src/lab/compare/settings.ts';
import type { RunKey } from '../../../src/lab/sequence/settings.ts';
import { trainPairTokenizers } from '../../../src/lab/text/pairTokenizers.ts';
import type { Pairs, ParallelText } from '../../../src/lab/text/text.ts';
import { defaults, type TranslateSettings } from '../../../src/lab/translate/settings.ts';
import { type TranslateTask, translateTask } from '../../../src/lab/translate/task.ts';
import { Rng } from '../../../src/tensor/rng.ts';

const words = ['ab', 'cd', 'ef', 'gh'];

function pairs(count: number, rng: Rng): Pairs {
  const sentences = Array.from({ length: count }, () =>
    Array.from({ length: 1 + (rng.bits() % 4) }, () => words[rng.bits() % words.length]),
  );
  return {
    source: sentences.map((sentence) => sentence.join(' ')),
    target: sentences.map((sentence) => [...sentence].reverse().join(' ').toUpperCase()),
  };
}

const rng = new Rng(1);

/** 40 pairs to learn from, 9 for each other part. */
export const letters: ParallelText = {
  name: 'letters',
  train: pairs(40, rng),
  val: pairs(9, rng),
  test: pairs(9, rng),
};

const rates = Object.fromEntries(methodNames.map((method) => [method, { dense: 0.01, own: 0.02 }]));

/** A model of one layer and width 8, eight steps, with everything that a run has to keep: dropout, accumulation, restarts, the best weights. */
export const settings: TranslateSettings = {
  ...defaults,
  vocabulary: 280,
  dim: 8,
  heads: 2,
  layers: 1,
  feedForward: 16,
  ranks: [2],
  steps: 8,
  rates: rates as TranslateSettings['rates'],
  rise: 2,
  batchTokens: 60,
  accumulate: 2,
  iterationSteps: 3,
  warmup: 1,
  evaluateEvery: 4,
  watchEvery: 2,
  checkpointEvery: 3,
  beam: 2,
};

const tokenizers = trainPairTokenizers(letters.train, { size: settings.vocabulary });

/** What a run trains. */
export const taskOf = (change: Partial<TranslateSettings> = {}): TranslateTask =>
  translateTask(letters, tokenizers, { ...settings, ...change });

/** A run at rank 2. */
export const keyOf = (method: MethodName): RunKey => ({ method, rank: method === 'full' ? null : 2, seed: 3 });

/** Write the sentences as a folder of files. @returns its path */
export function lettersFolder(root: string): string {
  const folder = join(root, 'letters');
  mkdirSync(folder);
  for (const part of ['train', 'val', 'test'] as const)
    for (const [side, language] of [
      ['source', 'xx'],
      ['target', 'yy'],
    ] as const)
      writeFileSync(join(folder, `${part}.${language}`), letters[part][side].map((line) => `${line}\n`).join(''));
  return folder;
}
