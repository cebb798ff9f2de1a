import { checkOptions } from '../../autograd/options.ts';
import type { Data } from '../../tensor/dtype.ts';
import { DomainError } from '../../tensor/errors.ts';
import { checkCount } from '../optim/schedule.ts';
import type { Continuation } from './continuation.ts';
import { type EndOptions, type Generated, limitOf, logProbabilities } from './extend.ts';
import { largest } from './largest.ts';

/** How wide a search is, and what it looks for. */
export interface BeamOptions extends EndOptions {
  /** Sequences that are followed for each row, >= 1. */
  readonly beam: number;
  /** α of the length penalty, >= 0; 0 (default) prefers nothing but likelihood, and so short sequences. */
  readonly alpha?: number;
  /** How many sequences to give for each row, 1..beam. Default 1. */
  readonly best?: number;
}

/** What a search found, and by what it was judged. */
export interface BeamResult extends Generated {
  /** log-probability divided by the length penalty. */
  readonly score: number;
}

/** A sequence that is being followed; `row` of the continuation. */
interface Live {
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly row: number;
}

/** What is known of one row of the batch. */
interface Search {
  live: readonly Live[];
  done: readonly BeamResult[];
}

/**
 * ((5 + n)/6)^α for n tokens, the one that ends them included.
 * @source Wu et al., "Google's Neural Machine Translation System", arXiv 1609.08144, Eq. 14; OpenNMT's `wu` penalty
 */
const penalty = (n: number, alpha: number): number => ((5 + n) / 6) ** alpha;

/**
 * For each row the sequences of highest score, log-probability/((5 + n)/6)^α, that a search through the `beam` likeliest beginnings finds; the
 * best first. Of the `beam` likeliest sequences one token longer, those that end are put aside, the others are followed. A row is finished when
 * nothing that is followed can become better than what was found. With `beam: 1` it is `greedy`.
 *
 * Sequences that no end token ended count too, once there is no room for more.
 * @throws DomainError when an option is out of range, or the model gives NaN
 */
export async function beamSearch(
  continuation: Continuation,
  options: BeamOptions,
): Promise<readonly (readonly BeamResult[])[]> {
  const op = 'beamSearch';
  checkOptions(op, options, ['end', 'maxTokens', 'beam', 'alpha', 'best']);
  const { beam, alpha = 0, best = 1 } = options;
  checkCount(op, 'beam', beam, 1);
  checkCount(op, 'best', best, 1);
  if (best > beam) throw new DomainError(op, `best is at most the beam of ${beam}, got ${best}`);
  if (!(alpha >= 0 && Number.isFinite(alpha))) throw new DomainError(op, `alpha is a number >= 0, got ${alpha}`);
  const limit = limitOf(op, continuation, options);
  const settings = { ...options, alpha, best, limit };
  const searches = Array.from(
    { length: continuation.rows },
    (_, row): Search => ({
      live: [{ tokens: [], logProbability: 0, row }],
      done: limit === 0 ? [{ tokens: [], logProbability: 0, ended: false, score: 0 }] : [],
    }),
  );
  let added: readonly number[] | undefined;
  for (let step = 1; step <= limit && searches.some(({ live }) => live.length > 0); step++) {
    const scores = await logProbabilities(op, continuation, added);
    for (const search of searches)
      if (search.live.length > 0) advance(search, scores, continuation.rows, step, settings);
    const live = searches.flatMap((search) => search.live);
    if (live.length > 0) continuation.select(live.map(({ row }) => row));
    added = live.map(({ tokens }) => tokens[tokens.length - 1]);
    let row = 0;
    for (const search of searches) search.live = search.live.map((one) => ({ ...one, row: row++ }));
  }
  return searches.map(({ done }) => done);
}

type Settings = Required<Pick<BeamOptions, 'beam' | 'alpha' | 'best'>> & EndOptions & { readonly limit: number };

/** One token more for what is followed in one row of the batch. */
function advance(search: Search, scores: Data, rows: number, step: number, settings: Settings): void {
  const { beam, alpha, best, end, limit } = settings;
  const v = scores.length / rows;
  const totals = new Float64Array(search.live.length * v);
  for (const [i, { logProbability, row }] of search.live.entries())
    for (let token = 0; token < v; token++) totals[i * v + token] = logProbability + scores[row * v + token];
  const longer = largest(totals, beam).map((at) => {
    const { tokens, row } = search.live[Math.floor(at / v)];
    return { tokens, row, token: at % v, logProbability: totals[at] };
  });
  const live: Live[] = [];
  const done: BeamResult[] = [...search.done];
  for (const { tokens, row, token, logProbability } of longer) {
    const [ended, all] = [token === end, [...tokens, token]];
    if (!ended && step < limit) live.push({ tokens: all, logProbability, row });
    else
      done.push({ tokens: ended ? tokens : all, logProbability, ended, score: logProbability / penalty(step, alpha) });
  }
  // The sort is stable: of equal scores the sequence that was found first.
  search.done = done.sort((a, b) => b.score - a.score).slice(0, best);
  // log-probabilities only fall, and the penalty is largest for the longest sequence: nothing can exceed this.
  const reach = live.length === 0 ? -Infinity : live[0].logProbability / penalty(limit, alpha);
  search.live = search.done.length === best && reach <= search.done[best - 1].score ? [] : live;
}
