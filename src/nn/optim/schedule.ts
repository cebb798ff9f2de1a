import { DomainError } from '../../tensor/errors.ts';

/** Factor on the learning rate at a step, counted from 0. */
export type Schedule = (step: number) => number;

/** 1 at every step. */
export const constant: Schedule = () => 1;

/**
 * (step + 1)/steps up to 1: the first of `steps` steps is small but not zero.
 * @throws DomainError unless `steps` is a whole number >= 0
 */
export function linearWarmup(steps: number): Schedule {
  checkCount('linearWarmup', 'steps', steps, 0);
  return (step) => (step + 1 >= steps ? 1 : (step + 1) / steps);
}

/**
 * From 1 at step 0 along half a cosine to `floor` at step `total` and after: floor + (1 − floor)·(1 + cos(π·step/total))/2.
 * With a warm-up, that ramp first, and the cosine over what is left.
 * @throws DomainError when a count is not whole, the warm-up is longer than the total, or floor is outside [0, 1]
 * @source Loshchilov & Hutter, "SGDR", arXiv 1608.03983, Eq. 5
 */
export function cosine(
  total: number,
  { warmup = 0, floor = 0 }: { readonly warmup?: number; readonly floor?: number } = {},
): Schedule {
  checkCount('cosine', 'total', total, 1);
  checkCount('cosine', 'warmup', warmup, 0);
  if (warmup >= total) throw new DomainError('cosine', `warmup ${warmup} leaves nothing of total ${total}`);
  if (!(floor >= 0 && floor <= 1)) throw new DomainError('cosine', `floor is in [0, 1], got ${floor}`);
  const ramp = linearWarmup(warmup);
  return (step) => {
    if (step < warmup) return ramp(step);
    const part = Math.min(1, (step - warmup) / (total - warmup));
    return floor + ((1 - floor) * (1 + Math.cos(Math.PI * part))) / 2;
  };
}

/**
 * d^−½·min(t^−½, t·warmup^−3/2) with t = step + 1: rises linearly over the warm-up, then falls as 1/√t.
 * @param dim d, the model's width
 * @throws DomainError unless both are whole numbers >= 1
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Eq. 3
 */
export function noam(dim: number, warmup: number): Schedule {
  checkCount('noam', 'dim', dim, 1);
  checkCount('noam', 'warmup', warmup, 1);
  return (step) => dim ** -0.5 * Math.min((step + 1) ** -0.5, (step + 1) * warmup ** -1.5);
}

/** @throws DomainError naming `op` unless `n` is a whole number >= `least` */
export function checkCount(op: string, what: string, n: number, least: number): void {
  if (!Number.isSafeInteger(n) || n < least)
    throw new DomainError(op, `${what} is a whole number >= ${least}, got ${n}`);
}
