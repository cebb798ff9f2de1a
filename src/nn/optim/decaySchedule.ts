import { DomainError } from '../../tensor/errors.ts';
import { checkCount, cosine, type Schedule } from './schedule.ts';

/**
 * gammaⁿ, where n counts the milestones passed: every `at` steps, or the listed steps (PyTorch's `StepLR` and `MultiStepLR`).
 * @throws DomainError when a count is not whole, the list does not rise, or gamma is not a number >= 0
 */
export function stepDecay(at: number | readonly number[], { gamma = 0.1 }: { readonly gamma?: number } = {}): Schedule {
  checkFactor('stepDecay', 'gamma', gamma, 0);
  if (typeof at === 'number') {
    checkCount('stepDecay', 'at', at, 1);
    return (step) => gamma ** Math.floor(step / at);
  }
  if (!Array.isArray(at)) throw new DomainError('stepDecay', `at is a number or a list, got ${at}`);
  const milestones = at.map((n: number, i) => {
    checkCount('stepDecay', 'at', n, i === 0 ? 0 : at[i - 1] + 1);
    return n;
  });
  return (step) => gamma ** milestones.filter((n) => n <= step).length;
}

/**
 * gamma^step.
 * @throws DomainError when gamma is not a number >= 0
 */
export function exponential(gamma: number): Schedule {
  checkFactor('exponential', 'gamma', gamma, 0);
  return (step) => gamma ** step;
}

/**
 * From 1 along half a cosine to `floor`, again and again: the first period has `period` steps, each next one `factor` times
 * as many.
 * @throws DomainError when a count is not whole, factor < 1, or floor is outside [0, 1]
 * @source Loshchilov & Hutter, "SGDR", arXiv 1608.03983, Eq. 5
 */
export function cosineRestarts(
  period: number,
  { factor = 1, floor = 0 }: { readonly factor?: number; readonly floor?: number } = {},
): Schedule {
  checkCount('cosineRestarts', 'period', period, 1);
  checkCount('cosineRestarts', 'factor', factor, 1);
  const first = cosine(period, { floor });
  return (step) => {
    let [at, length] = [step, period];
    if (factor === 1) at %= period;
    else
      while (at >= length) {
        at -= length;
        length *= factor;
      }
    return first((at / length) * period);
  };
}

function checkFactor(op: string, what: string, x: number, least: number): void {
  if (!(Number.isFinite(x) && x >= least)) throw new DomainError(op, `${what} is a number >= ${least}, got ${x}`);
}
