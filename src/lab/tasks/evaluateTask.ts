import { checkCount } from '../../nn/optim/schedule.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tokenizer } from '../text/text.ts';
import type { ChoiceTask } from './choices.ts';
import { continuationOf, type Scorer } from './scorer.ts';

/** A share of right answers. */
export interface Share {
  /** 0..1 */
  readonly mean: number;
  /** Standard error of the mean, sqrt(p·(1 − p)/(n − 1)); null for one item. */
  readonly error: number | null;
}

/** What a model reached in a task. */
export interface TaskResult {
  readonly name: string;
  /** n: items. */
  readonly count: number;
  /** Items whose right choice is the likeliest. */
  readonly acc: Share;
  /** Items whose right choice is the likeliest by byte: ln p divided by its UTF-8 bytes. */
  readonly accNorm: Share;
  /** ln p of each choice of each item. */
  readonly scores: readonly (readonly number[])[];
}

/** How a task is scored. */
export interface TaskOptions {
  /** Continuations that are scored together. Default 32. */
  readonly batch?: number;
  /** Told how many of all continuations are scored. */
  readonly progress?: (done: number, all: number) => void;
}

/**
 * Zero-shot accuracy: each choice, after the context and a space, is scored by its likelihood; the first of the likeliest is the answer. A
 * choice whose score is NaN is never the answer. Long continuations come first, so that those of a batch are about equally long.
 * @throws DomainError when there are no items, a choice is empty, or one does not fit the scorer
 * @source Gao et al., "A framework for few-shot language model evaluation", 2021: `acc` and `acc_norm`. The harness divides by characters, which
 * are bytes where texts are ASCII.
 */
export async function evaluateTask(
  { name, items }: ChoiceTask,
  scorer: Scorer,
  tokenizer: Tokenizer,
  { batch = 32, progress = () => {} }: TaskOptions = {},
): Promise<TaskResult> {
  checkCount('evaluateTask', 'batch', batch, 1);
  if (items.length === 0) throw new DomainError('evaluateTask', `the task ${name} has no items`);
  const scores = items.map(({ choices }) => choices.map(() => Number.NaN));
  const asked = items.flatMap(({ context, choices }, item) =>
    choices.map((choice, place) => {
      if (choice === '') throw new DomainError('evaluateTask', `choice ${place} of item ${item} is empty`);
      return { item, place, continuation: continuationOf(tokenizer, context, ` ${choice}`, scorer.maxLength) };
    }),
  );
  asked.sort((a, b) => b.continuation.tokens.length - a.continuation.tokens.length);
  for (let start = 0; start < asked.length; start += batch) {
    const some = asked.slice(start, start + batch);
    const found = await scorer.score(some.map(({ continuation }) => continuation));
    for (const [i, { item, place }] of some.entries()) scores[item][place] = found[i];
    progress(start + some.length, asked.length);
  }
  const right = items.map(({ gold }, item) => likeliest(scores[item]) === gold);
  const rightByByte = items.map(
    ({ choices, gold }, item) =>
      likeliest(scores[item].map((score, place) => score / Buffer.byteLength(choices[place]))) === gold,
  );
  return { name, count: items.length, acc: shareOf(right), accNorm: shareOf(rightByByte), scores };
}

/** The place of the highest score, the first of several; −1 when none is a number. */
const likeliest = (scores: readonly number[]): number =>
  scores.reduce(
    (best, score, i) => (score > (scores[best] ?? Number.NEGATIVE_INFINITY) ? i : best),
    firstNumber(scores),
  );

const firstNumber = (scores: readonly number[]): number => scores.findIndex((score) => !Number.isNaN(score));

function shareOf(right: readonly boolean[]): Share {
  const n = right.length;
  const mean = right.filter(Boolean).length / n;
  return { mean, error: n === 1 ? null : Math.sqrt((mean * (1 - mean)) / (n - 1)) };
}
