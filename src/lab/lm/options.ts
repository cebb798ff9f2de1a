import { count, oneOf } from '../arguments.ts';
import { sequenceHelp, sequenceSettings } from '../sequence/options.ts';
import { type Invocation, invocationOf } from '../sequence/resume.ts';
import { UsageError } from '../usage.ts';
import { defaults, type LmModelName, type LmSettings, lmModelNames, lmModels, quick } from './settings.ts';

/** What `spectragrad lm` was asked to do. */
export interface LmOptions {
  readonly settings: LmSettings;
  readonly invocation: Invocation<LmText>;
  readonly help: boolean;
}

const texts = ['data', 'vocab', 'model', 'length', 'batch'] as const;

/** The options that are not those of every command on sequences. */
export type LmText = (typeof texts)[number];

/** What the help says of the options of language models, over a command's own defaults. */
export const lmOptionsHelp = (standard: LmSettings): string => `\
  --data NAME           brown, a folder with train.txt, val.txt and test.txt, or files, FILE[,FILE], of which the end is held back;
                        plain or .gz (default ${standard.data.join(',')})
  --vocab N             most tokens of the byte-level vocabulary, which is trained too (default ${standard.vocabulary})
  --model NAME          ${lmModelNames.join(', ')} (default ${standard.model});
                        the sizes of a named one may be changed by the options below
  --length N            tokens of a block, and positions of the model (default ${standard.length})
  --batch N             blocks of a batch (default ${standard.batchSize})
${sequenceHelp(standard, quick)}`;

/** What `spectragrad lm --help` prints. */
export const lmHelp: string = `Usage: spectragrad lm [options]

Trains a language model on text with each method, at equal rank and equal steps, and shows a table with perplexity by token and by byte on
text that was held back, the curves, and a report with texts that the models write. Each model lies in OUT/models in the formats of Hugging Face,
for spectragrad evaluate and spectragrad prune.

${lmOptionsHelp(defaults)}

Ctrl-C ends the runs, keeps where they stand, and reports what was done until then.`;

/**
 * Read the arguments of `spectragrad lm`.
 * @param standard defaults of the command
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseLm(args: readonly string[], standard: LmSettings = defaults): LmOptions {
  const invocation = invocationOf('lm', args, texts);
  const { given } = invocation;
  const base: LmSettings = { ...standard, ...(given.quick === true && quick) };
  const model = oneOf('--model', given.model, lmModelNames, base.model);
  const settings: LmSettings = {
    ...sequenceSettings(given, given.model === undefined ? base : { ...base, ...sizesOf(model) }),
    data: dataOf(given.data) ?? base.data,
    vocabulary: count('--vocab', given.vocab, base.vocabulary, 260),
    model,
    length: count('--length', given.length, base.length, 2),
    batchSize: count('--batch', given.batch, base.batchSize),
  };
  return { settings, invocation, help: given.help === true };
}

/** The sizes of a model that the options may change. */
function sizesOf(name: LmModelName): Pick<LmSettings, 'dim' | 'layers' | 'heads' | 'feedForward'> {
  const { embedDim: dim, layers, heads, feedForward } = lmModels[name];
  return { dim, layers, heads, feedForward };
}

function dataOf(given: string | undefined): readonly string[] | undefined {
  const data = given?.split(',');
  if (data?.includes('')) throw new UsageError(`--data names files, got '${given}'`);
  return data;
}
