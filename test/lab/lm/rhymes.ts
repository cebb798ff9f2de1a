/** A text of few words, and a model that learns it in a second. */
import { type MethodName, methodNames } from '../../../src/lab/compare/settings.ts';
import { modelOf } from '../../../src/lab/lm/configuration.ts';
import { type Corpus, corpusOf, vocabularyOf } from '../../../src/lab/lm/corpus.ts';
import { modelFolder } from '../../../src/lab/lm/experiment.ts';
import { weightsPath, writeModelFolder } from '../../../src/lab/lm/modelFolder.ts';
import { defaults, type LmSettings } from '../../../src/lab/lm/settings.ts';
import { configurationOf } from '../../../src/lab/lm/task.ts';
import type { RunKey } from '../../../src/lab/sequence/settings.ts';
import type { Parts, PlainText } from '../../../src/lab/text/text.ts';
import type { DecoderOnly } from '../../../src/nn/sequenceModel.ts';
import { stateDict } from '../../../src/nn/state.ts';
import { saveFile } from '../../../src/tensor/io/files.ts';
import { writeSafetensors } from '../../../src/tensor/io/safetensors.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { folderIn } from '../text/files.ts';

const words = ['cat', 'hat', 'mat', 'sat', 'on', 'the', 'a', 'ä', 'and'];
const rng = new Rng(7);

const line = (): string =>
  `${Array.from({ length: 4 + rng.below(4) }, () => words[rng.below(words.length)]).join(' ')}.`;
const document = (lines: number): string => Array.from({ length: lines }, line).join('\n');

/** 90 lines to learn from, 8 for each other part. */
export const rhymes: PlainText = {
  name: 'rhymes',
  train: [document(60), document(30)],
  val: [document(8)],
  test: [document(4), document(4)],
};

const rates = Object.fromEntries(methodNames.map((method) => [method, { dense: 0.01, own: 0.02 }]));

/** A model of one layer and width 8, twelve steps. */
export const settings: LmSettings = {
  ...defaults,
  data: ['rhymes'],
  vocabulary: 280,
  length: 8,
  batchSize: 3,
  dim: 8,
  heads: 2,
  layers: 1,
  feedForward: 16,
  dropout: 0.1,
  ranks: [2],
  steps: 12,
  rates: rates as LmSettings['rates'],
  rise: 2,
  iterationSteps: 3,
  warmup: 1,
  evaluateEvery: 4,
  watchEvery: 2,
  checkpointEvery: 5,
};

/** How those settings are said on the command line. */
export const words12: readonly string[] =
  '--vocab 280 --length 8 --batch 3 --dim 8 --heads 2 --layers 1 --ff 16 --rank 2 --steps 12 --t3 3 --t3-warmup 1 --lr 0.01 --threads 1'.split(
    ' ',
  );

/** The text as tokens. */
export const corpus: Corpus = corpusOf(rhymes, vocabularyOf(rhymes, settings.vocabulary));

/** A run at rank 2. */
export const keyOf = (method: MethodName): RunKey => ({ method, rank: method === 'full' ? null : 2, seed: 1 });

/** Write the text as a folder of files. @returns its path */
export function rhymesFolder(root: string): string {
  const part = (name: keyof Parts<unknown>): string => `${rhymes[name].join('\n')}\n`;
  return folderIn(root, 'rhymes', {
    'train.txt': part('train'),
    'val.txt': part('val'),
    'test.txt': part('test'),
  });
}

/** An untrained model, and its folder, as `lm` leaves that of a run in `root`. */
export function writtenModel(
  root: string,
  key: RunKey = keyOf('full'),
  change: Partial<LmSettings> = {},
): { readonly model: DecoderOnly; readonly folder: string } {
  const configuration = configurationOf({ ...settings, ...change }, corpus.tokenizer.size);
  const model = modelOf(configuration, { rng: new Rng(5) });
  const folder = modelFolder(root, key);
  writeModelFolder(folder, configuration, corpus.tokenizer);
  saveFile(weightsPath(folder), writeSafetensors(stateDict(model)));
  return { model, folder };
}
