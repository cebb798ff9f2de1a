import { join } from 'node:path';
import { Rng } from '../../tensor/rng.ts';
import { conductSequence } from '../sequence/conduct.ts';
import { trainPairTokenizers } from '../text/pairTokenizers.ts';
import { openParallelText } from '../text/parallelText.ts';
import { writeTokenizer } from '../text/tokenizerFile.ts';
import { parseTranslate, translateHelp } from './options.ts';
import { translateTask } from './task.ts';
import { translateView } from './view.ts';

/** What is not divided is divided the same way whatever the seed of a run, so that runs compare. */
const dataSeed = 2405;

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
  const { data, languages, vocabulary } = settings;
  const text = openParallelText(data, languages, new Rng(dataSeed));
  const tokenizers = trainPairTokenizers(text.train, { size: vocabulary });
  return conductSequence(
    {
      command: 'translate',
      title: `Translation from ${languages.source} to ${languages.target}`,
      task: translateTask(text, tokenizers, settings),
      settings,
      view: translateView,
      files(folder) {
        const path = join(folder, 'tokenizer.json');
        writeTokenizer(path, tokenizers.target);
        return { Vocabulary: path };
      },
    },
    invocation,
  );
}
