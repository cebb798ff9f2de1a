import { join } from 'node:path';
import { Rng } from '../../tensor/rng.ts';
import { conductSequence } from '../sequence/conduct.ts';
import type { BytePairTokenizer } from '../text/bytePair.ts';
import { trainPairTokenizers } from '../text/pairTokenizers.ts';
import { openParallelText } from '../text/parallelText.ts';
import { writeTokenizer } from '../text/tokenizerFile.ts';
import { parseTranslate, translateHelp } from './options.ts';
import type { TranslateSettings } from './settings.ts';
import { type TranslateTask, translateTask } from './task.ts';
import { translateView } from './view.ts';

/** What is not divided is divided the same way whatever the seed of a run, so that runs compare. */
const dataSeed = 2405;

/**
 * The task of some settings, and its vocabulary.
 * @throws UsageError, ReportedError when the data cannot be read
 */
export function openTranslation(settings: TranslateSettings): {
  readonly task: TranslateTask;
  readonly tokenizer: BytePairTokenizer;
} {
  const text = openParallelText(settings.data, settings.languages, new Rng(dataSeed));
  const tokenizers = trainPairTokenizers(text.train, { size: settings.vocabulary });
  return { task: translateTask(text, tokenizers, settings), tokenizer: tokenizers.target };
}

/**
 * `spectragrad translate`: train translation models with each method, show, report.
 * @returns the exit code: 0, or 130 when the runs were interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError when the data cannot be read
 */
export async function translateCommand(args: readonly string[]): Promise<number> {
  const { settings, invocation, help } = parseTranslate(args);
  if (help) {
    process.stdout.write(`${translateHelp}\n`);
    return 0;
  }
  const { source, target } = settings.languages;
  const { task, tokenizer } = openTranslation(settings);
  return conductSequence(
    {
      command: 'translate',
      title: `Translation from ${source} to ${target}`,
      task,
      settings,
      view: translateView,
      files(folder) {
        const path = join(folder, 'tokenizer.json');
        writeTokenizer(path, tokenizer);
        return { Vocabulary: path };
      },
    },
    invocation,
  );
}
