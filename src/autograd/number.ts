import { DomainError } from '../tensor/errors.ts';

/**
 * @param what what fits, for the message: 'beta is a finite number > 0'
 * @param fits default: every finite number
 * @throws DomainError unless `value` is a number that fits
 */
export function checkNumber(
  op: string,
  what: string,
  value: unknown,
  fits: (value: number) => boolean = Number.isFinite,
): void {
  if (typeof value !== 'number' || !fits(value))
    throw new DomainError(op, `${what}, got ${typeof value === 'number' ? value : typeof value}`);
}
