import { logSoftmax } from '../../autograd/ops/softmax.ts';
import { noGrad } from '../../autograd/scoped.ts';
import type { Data } from '../../tensor/dtype.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import { scope } from '../../tensor/scope.ts';
import { checkCount } from '../optim/schedule.ts';
import type { Continuation } from './continuation.ts';

/** When a sequence ends. */
export interface EndOptions {
  /** The token that ends a sequence. Default: none does. */
  readonly end?: number;
  /** The most tokens that a sequence gets, the one that ends it included; a model may have room for fewer. */
  readonly maxTokens: number;
}

/** What a sequence got. */
export interface Generated {
  /** Without the token that ended it. */
  readonly tokens: readonly number[];
  /** log of the chance that the model gives these tokens one after another, and the one that ended them. */
  readonly logProbability: number;
  /** Whether the end token came; otherwise there was no room for more. */
  readonly ended: boolean;
}

/** How many tokens there may be. @throws DomainError when an option is out of range */
export function limitOf(op: string, { room }: Continuation, { maxTokens, end }: EndOptions): number {
  checkCount(op, 'maxTokens', maxTokens, 0);
  if (end !== undefined) checkCount(op, 'end', end, 0);
  return Math.min(maxTokens, room);
}

/**
 * log-probabilities of the next token, row after row, [rows·v]: the one place where a search waits for values.
 * @throws ShapeError unless the logits are [rows, v]; DomainError when one is NaN
 */
export async function logProbabilities(
  op: string,
  continuation: Continuation,
  tokens?: readonly number[],
): Promise<Data> {
  const scores = scope(() => noGrad(() => logSoftmax(continuation.next(tokens))));
  if (scores.rank !== 2 || scores.shape[0] !== continuation.rows)
    throw new ShapeError(op, `logits are [${continuation.rows}, v]`, [scores.shape]);
  const values = await scores.read();
  if (values.some(Number.isNaN)) throw new DomainError(op, 'the model gives NaN');
  return values;
}

/**
 * Let every sequence grow by one token after the other that `choose` picks, until it ends or there is no room.
 * @param choose the token, from log-probabilities of all [v]
 * @throws DomainError when an option is out of range, or the model gives NaN
 */
export async function extend(
  op: string,
  continuation: Continuation,
  options: EndOptions,
  choose: (scores: Data) => number,
): Promise<Generated[]> {
  const limit = limitOf(op, continuation, options);
  const made = Array.from({ length: continuation.rows }, () => ({
    tokens: [] as number[],
    logProbability: 0,
    ended: false,
  }));
  let live = made;
  let added: readonly number[] | undefined;
  for (let step = 0; step < limit && live.length > 0; step++) {
    const scores = await logProbabilities(op, continuation, added);
    const v = scores.length / live.length;
    const chosen = live.map((one, row) => {
      const own = scores.subarray(row * v, row * v + v);
      const token = choose(own);
      one.logProbability += own[token];
      one.ended = token === options.end;
      if (!one.ended) one.tokens.push(token);
      return token;
    });
    const rows = [...live.keys()].filter((row) => !live[row].ended);
    if (rows.length < live.length) continuation.select(rows);
    live = rows.map((row) => live[row]);
    added = rows.map((row) => chosen[row]);
  }
  return made;
}
