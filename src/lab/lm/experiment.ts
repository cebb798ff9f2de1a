import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import type { SequenceExperiment } from '../sequence/conduct.ts';
import { runsPath } from '../sequence/resume.ts';
import { readRun, runFiles } from '../sequence/runFiles.ts';
import { type RunKey, runName, runsOf } from '../sequence/settings.ts';
import type { BlockBatch } from '../text/text.ts';
import { type Corpus, corpusOf, openText, vocabularyOf } from './corpus.ts';
import { weightsPath, writeModelFolder } from './modelFolder.ts';
import type { LmSettings } from './settings.ts';
import { configurationOf, type LmMeasured, lmTask } from './task.ts';
import { lmView } from './view.ts';

/** Where the model of a run lies in the folder of a command. */
export const modelFolder = (folder: string, key: RunKey): string => join(folder, 'models', runName(key));

/**
 * A comparison of methods on a language model.
 * @throws UsageError, ReportedError when the text cannot be read
 */
export function lmExperiment(settings: LmSettings): SequenceExperiment<DecoderOnly, BlockBatch, LmMeasured> {
  const text = openText(settings.data);
  const corpus: Corpus = corpusOf(text, vocabularyOf(text, settings.vocabulary));
  const { name, tokenizer } = corpus;
  return {
    command: 'lm',
    title: `Language models of ${name}`,
    task: lmTask(corpus, settings),
    settings,
    view: lmView,
    files(folder) {
      const configuration = configurationOf(settings, tokenizer.size);
      for (const key of runsOf(settings)) {
        const model = modelFolder(folder, key);
        // Weights of an earlier run of this name would not fit the vocabulary.
        if (readRun(runFiles(key, runsPath(folder))) === null) rmSync(weightsPath(model), { force: true });
        writeModelFolder(model, configuration, tokenizer);
      }
      return { Models: join(folder, 'models') };
    },
    weights: (key, folder) => weightsPath(modelFolder(folder, key)),
  };
}
