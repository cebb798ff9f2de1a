import { checkOptions } from '../../autograd/options.ts';
import type { Data } from '../../tensor/dtype.ts';
import { DomainError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
import { checkCount } from '../optim/schedule.ts';
import type { Continuation } from './continuation.ts';
import { type EndOptions, extend, type Generated } from './extend.ts';
import { largest } from './largest.ts';

/**
 * The likeliest token, again and again; of equally likely ones the first.
 * @throws DomainError when an option is out of range, or the model gives NaN
 */
export async function greedy(continuation: Continuation, options: EndOptions): Promise<readonly Generated[]> {
  checkOptions('greedy', options, ['end', 'maxTokens']);
  return extend('greedy', continuation, options, (scores) => largest(scores, 1)[0]);
}

/** How tokens are drawn. */
export interface SampleOptions extends EndOptions {
  /** Where chance comes from: one number for each sequence and token, sequence by sequence. */
  readonly rng: Rng;
  /** Chances are taken to the power 1/temperature, > 0: below 1 likely tokens come more often. Default 1. */
  readonly temperature?: number;
  /** Draw from that many of the likeliest tokens. Default: all. */
  readonly topK?: number;
  /** Draw from the fewest of the likeliest tokens whose chances add up to this, in (0, 1], after temperature and `topK`. Default 1: all. */
  readonly topP?: number;
}

function check(options: SampleOptions): void {
  checkOptions('sample', options, ['end', 'maxTokens', 'rng', 'temperature', 'topK', 'topP']);
  const { rng, temperature = 1, topK, topP = 1 } = options;
  if (!(rng instanceof Rng)) throw new DomainError('sample', 'rng is where chance comes from: new Rng(seed)');
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new DomainError('sample', `temperature is a number > 0, got ${temperature}`);
  if (topK !== undefined) checkCount('sample', 'topK', topK, 1);
  if (!(topP > 0 && topP <= 1)) throw new DomainError('sample', `topP is a share in (0, 1], got ${topP}`);
}

/**
 * Tokens drawn by their chance, again and again. `logProbability` is that of the model itself, without temperature and limits.
 * @throws DomainError when an option is out of range, or the model gives NaN
 * @source Fan et al., "Hierarchical Neural Story Generation", arXiv 1805.04833 (top k); Holtzman et al., "The Curious Case of Neural
 * Text Degeneration", arXiv 1904.09751 (top p)
 */
export async function sample(continuation: Continuation, options: SampleOptions): Promise<readonly Generated[]> {
  check(options);
  const { rng, ...limits } = options;
  return extend('sample', continuation, options, (scores) => drawn(scores, limits, rng.uniform()));
}

/** The token at a share `u` in [0, 1) of the chances that are left. */
function drawn(scores: Data, { temperature = 1, topK, topP = 1 }: Omit<SampleOptions, 'rng'>, u: number): number {
  const limited = topK !== undefined || topP < 1;
  const tokens = limited ? largest(scores, topK ?? scores.length) : Array.from(scores, (_, token) => token);
  const most = limited ? scores[tokens[0]] : tokens.reduce((best, token) => Math.max(best, scores[token]), -Infinity);
  // Relative to the likeliest, so that a low temperature neither overflows nor loses it.
  const chances = tokens.map((token) => Math.exp((scores[token] - most) / temperature));
  const kept = topP < 1 ? nucleus(chances, topP) : chances;
  const end = u * kept.reduce((sum, p) => sum + p, 0);
  let sum = 0;
  const at = kept.findIndex((p) => {
    sum += p;
    return sum > end;
  });
  // Rounding may leave the end just beyond the sum: then it is the last that can come at all.
  return tokens[at === -1 ? kept.findLastIndex((p) => p > 0) : at];
}

/** The fewest first chances that add up to a share of all. */
function nucleus(chances: readonly number[], share: number): readonly number[] {
  const wanted = share * chances.reduce((sum, p) => sum + p, 0);
  let sum = 0;
  const last = chances.findIndex((p) => {
    sum += p;
    return sum >= wanted;
  });
  return last === -1 ? chances : chances.slice(0, last + 1);
}
