import { atLeast0, count, oneOf } from '../arguments.ts';
import { sequenceHelp, sequenceSettings } from '../sequence/options.ts';
import { type Invocation, invocationOf } from '../sequence/resume.ts';
import { UsageError } from '../usage.ts';
import { seq2SeqNames } from './models.ts';
import { defaults, modelDefaults, quick, type TranslateSettings } from './settings.ts';

/** What `spectragrad translate` was asked to do. */
export interface TranslateOptions {
  readonly settings: TranslateSettings;
  readonly invocation: Invocation<TranslateText>;
  readonly help: boolean;
}

const { languages } = defaults;

/** What `spectragrad translate --help` prints. */
export const translateHelp: string = `Usage: spectragrad translate [options]

Trains a Transformer to translate with each method, at equal rank and equal steps, and shows a table with BLEU and perplexity
on sentences that were held back, the curves, and a report with translations. By default it translates what the TypeScript
compiler says.

  --data NAME           typescript, or a folder with train, val and test (test_2016_flickr) for each language, plain or .gz
                        (default ${defaults.data})
  --source-lang NAME    or --from: language of the source, such as de (default ${languages.source})
  --target-lang NAME    or --to: language of the target (default ${languages.target})
  --vocab N             most tokens of the vocabulary that both share (default ${defaults.vocabulary})
  --model NAME          ${seq2SeqNames.join(', ')} (default ${defaults.model})
  --batch-tokens N      rows times the longest sentence of a batch, at most (default ${defaults.batchTokens})
  --beam N              sequences that the search follows at once (default ${defaults.beam})
  --alpha X             its length penalty (default ${defaults.alpha})
${sequenceHelp(defaults, quick)}

Ctrl-C ends the runs, keeps where they stand, and reports what was done until then.`;

const texts = [
  'data',
  'source-lang',
  'from',
  'target-lang',
  'to',
  'vocab',
  'model',
  'batch-tokens',
  'beam',
  'alpha',
] as const;

type TranslateText = (typeof texts)[number];

/**
 * Read the arguments of `spectragrad translate`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseTranslate(args: readonly string[]): TranslateOptions {
  const invocation = invocationOf('translate', args, texts);
  const { given } = invocation;
  const model = oneOf('--model', given.model, seq2SeqNames, defaults.model);
  const base: TranslateSettings = { ...defaults, ...modelDefaults[model], ...(given.quick === true && quick) };
  const settings: TranslateSettings = {
    ...sequenceSettings(given, base),
    data: given.data ?? base.data,
    languages: {
      source: eitherOf(given, 'source-lang', 'from') ?? base.languages.source,
      target: eitherOf(given, 'target-lang', 'to') ?? base.languages.target,
    },
    vocabulary: count('--vocab', given.vocab, base.vocabulary, 260),
    model,
    batchTokens: count('--batch-tokens', given['batch-tokens'], base.batchTokens),
    beam: count('--beam', given.beam, base.beam),
    alpha: atLeast0('--alpha', given.alpha, base.alpha),
  };
  return { settings, invocation, help: given.help === true };
}

/** What is given under one of two names. @throws UsageError when it is given under both */
function eitherOf<K extends string>(given: { readonly [P in K]?: string }, name: K, short: K): string | undefined {
  if (given[name] !== undefined && given[short] !== undefined)
    throw new UsageError(`--${short} is short for --${name}: give one of them`);
  return given[name] ?? given[short];
}
