import { DomainError } from '../../tensor/errors.ts';
import { type BleuTokens, bleuTokens } from './bleuTokens.ts';

/**
 * What stands for a precision of which nothing is right, so that its logarithm exists: nothing (`none`); value/total (`floor`); a value added to
 * right and total of every order but the first (`add-k`); 1/(2^i·total) for the i-th such order (`exp`).
 * @source methods 1, 2 and 3 of Chen & Cherry, "A systematic comparison of smoothing techniques for sentence-level BLEU", 2014
 */
export type BleuSmoothing = 'none' | 'floor' | 'add-k' | 'exp';

/** How BLEU is computed. */
export interface BleuOptions {
  /** Default `13a`. */
  readonly tokens?: BleuTokens;
  /** Compare lower-cased sentences. Default false. */
  readonly lowercase?: boolean;
  /** Default `exp`. */
  readonly smoothing?: BleuSmoothing;
  /** The value of `floor` (default 0.1) or `add-k` (default 1). */
  readonly value?: number;
  /** Leave out the orders of which there are no n-grams, as is done for single sentences. Default false: the score is 0 then. */
  readonly effectiveOrder?: boolean;
}

/** The score of a corpus and what it is made of. */
export interface Bleu {
  /** 0..100 */
  readonly score: number;
  /** [4]: p_n in 0..100, smoothed, for n-grams of 1 to 4 tokens. */
  readonly precisions: readonly number[];
  /** 1, or exp(1 − referenceLength/length) where the translations are shorter. */
  readonly brevityPenalty: number;
  /** Tokens of all translations. */
  readonly length: number;
  /** Tokens of all references; of several for a sentence, the one nearest in length, the shorter one of two. */
  readonly referenceLength: number;
  /** [4]: n-grams of the translations that are found in a reference, each at most as often as in the reference that has it most often. */
  readonly right: readonly number[];
  /** [4]: n-grams of the translations. */
  readonly totals: readonly number[];
  /** What was computed, to be printed beside the score. */
  readonly signature: string;
}

const orders = 4;
const defaultValues = { none: 0, floor: 0.1, 'add-k': 1, exp: 0 } as const;

/**
 * Corpus BLEU = brevity penalty · exp(Σ_n ln(p_n)/4), in percent. The counts of all sentences are added up before anything is divided.
 * @param hypotheses the translations, not tokenised
 * @param references for each of them its references, one or several
 * @throws DomainError when there are no sentences, the lists differ in length, a sentence has no reference, or value is not > 0
 * @source Papineni et al., "BLEU: a method for automatic evaluation of machine translation", 2002; conventions of sacreBLEU: Post, arXiv 1804.08771
 */
export function bleu(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  { tokens = '13a', lowercase = false, smoothing = 'exp', value, effectiveOrder = false }: BleuOptions = {},
): Bleu {
  check(hypotheses, references, value);
  const counts = countsOf(hypotheses, references, (text) => bleuTokens(lowercase ? text.toLowerCase() : text, tokens));
  const { length, referenceLength, right, totals } = counts;
  const brevityPenalty = length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
  const smoothed = { smoothing, value: value ?? defaultValues[smoothing] };
  const precisions = precisionsOf(right, totals, smoothed);
  // What `add-k` adds makes every order one that there is.
  const skipping = effectiveOrder && smoothing !== 'add-k';
  const last = skipping ? Math.max(1, totals.filter((total) => total > 0).length) : orders;
  const mean = precisions.slice(0, last).reduce((sum, p) => sum + Math.log(p), 0) / last;
  const refs = new Set(references.map((list) => list.length));
  const signature = signatureOf(refs, { tokens, lowercase, ...smoothed, effectiveOrder });
  return { score: brevityPenalty * Math.exp(mean), precisions, brevityPenalty, ...counts, signature };
}

/** What is counted in all sentences together. */
function countsOf(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  divide: (text: string) => string[],
): Pick<Bleu, 'length' | 'referenceLength' | 'right' | 'totals'> {
  const [right, totals] = [new Array<number>(orders).fill(0), new Array<number>(orders).fill(0)];
  let [length, referenceLength] = [0, 0];
  for (const [i, hypothesis] of hypotheses.entries()) {
    const ours = divide(hypothesis);
    const theirs = references[i].map(divide);
    length += ours.length;
    referenceLength += nearest(
      ours.length,
      theirs.map((one) => one.length),
    );
    for (let n = 1; n <= orders; n++) {
      right[n - 1] += found(
        ngrams(ours, n),
        theirs.map((one) => ngrams(one, n)),
      );
      totals[n - 1] += Math.max(0, ours.length - n + 1);
    }
  }
  return { length, referenceLength, right, totals };
}

function check(hypotheses: readonly string[], references: readonly (readonly string[])[], value?: number): void {
  const refuse = (why: string): never => {
    throw new DomainError('bleu', why);
  };
  if (hypotheses.length === 0 || references.length !== hypotheses.length)
    refuse(`needs references for each translation, got ${references.length} for ${hypotheses.length}`);
  const bare = references.findIndex((list) => list.length === 0);
  if (bare >= 0) refuse(`sentence ${bare} has no reference`);
  if (value !== undefined && !(value > 0 && Number.isFinite(value))) refuse(`value is a number > 0, got ${value}`);
}

/** How often each n-gram occurs. Tokens have no spaces. */
function ngrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** How many of our n-grams a reference has, no more of a kind than the reference that has most of them. */
function found(ours: ReadonlyMap<string, number>, theirs: readonly ReadonlyMap<string, number>[]): number {
  let sum = 0;
  for (const [gram, count] of ours) sum += Math.min(count, Math.max(...theirs.map((one) => one.get(gram) ?? 0)));
  return sum;
}

/** Of some lengths the one nearest to n; of two equally near the shorter. */
const nearest = (n: number, lengths: readonly number[]): number =>
  lengths.reduce((best, length) => {
    const [far, near] = [Math.abs(length - n), Math.abs(best - n)];
    return far < near || (far === near && length < best) ? length : best;
  });

/** Precisions in percent. All are 0 when nothing at all is right, and one is of which there are no n-grams. */
function precisionsOf(
  right: readonly number[],
  totals: readonly number[],
  { smoothing, value }: { readonly smoothing: BleuSmoothing; readonly value: number },
): number[] {
  if (right.every((count) => count === 0)) return right.map(() => 0);
  let halved = 1;
  return right.map((count, i) => {
    const added = smoothing === 'add-k' && i > 0 ? value : 0;
    const total = totals[i] + added;
    if (total === 0) return 0;
    if (count + added > 0) return (100 * (count + added)) / total;
    if (smoothing === 'exp') halved /= 2;
    return smoothing === 'exp' ? (100 * halved) / total : (100 * value) / total;
  });
}

function signatureOf(
  references: ReadonlySet<number>,
  { tokens, lowercase, smoothing, value, effectiveOrder }: Required<BleuOptions>,
): string {
  const number = references.size === 1 ? [...references][0] : 'var';
  const shown = smoothing === 'floor' || smoothing === 'add-k' ? `${smoothing}[${value.toFixed(2)}]` : smoothing;
  const parts = [
    `nrefs:${number}`,
    `case:${lowercase ? 'lc' : 'mixed'}`,
    `eff:${effectiveOrder ? 'yes' : 'no'}`,
    `tok:${tokens}`,
    `smooth:${shown}`,
    'impl:spectragrad',
  ];
  return `BLEU|${parts.join('|')}`;
}
