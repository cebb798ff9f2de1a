import type { DType } from '../tensor/dtype.ts';
import { DeviceError, DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import { resolveAxes } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** What a caller gave, in an error message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** @throws DTypeError unless x is a tensor: for functions that read a shape before they call an op */
export function checkTensor(op: string, x: unknown): void {
  if (!(x instanceof Tensor)) throw new DTypeError(op, `takes a tensor, got ${show(x)}`);
}

/** @throws ShapeError unless there are as many operands as the op takes: for ops whose signature cannot say it */
export function checkCount(op: string, operands: readonly Tensor[], count: number): void {
  if (operands.length !== count)
    throw new ShapeError(
      op,
      `takes ${count} operands`,
      operands.map((x) => x.shape),
    );
}

/** @throws DeviceError unless all live on one device */
export function checkDevices(op: string, xs: readonly Tensor[]): void {
  const odd = xs.find((x) => x.device !== xs[0].device);
  if (odd !== undefined) throw new DeviceError(op, `operands live on ${xs[0].device.name} and ${odd.device.name}`);
}

/**
 * An axis given in place of `{ axis }` would be passed over in silence, and so would an option of another library's name.
 * @throws DomainError unless `attrs` is an object whose names are all in `known`
 */
export function checkOptions(op: string, attrs: unknown, known: readonly string[]): void {
  if (typeof attrs !== 'object' || attrs === null || Array.isArray(attrs))
    throw new DomainError(op, `options are an object, { ${known.join(', ')} }, got ${show(attrs)}`);
  const odd = Object.keys(attrs).find((name) => !known.includes(name));
  if (odd !== undefined) throw new DomainError(op, `has no option '${odd}': its options are ${known.join(', ')}`);
}

/** @throws DomainError unless `value` is a list */
export function checkList(op: string, what: string, value: unknown): void {
  if (!Array.isArray(value)) throw new DomainError(op, `${what} is a list, got ${show(value)}`);
}

/** @throws DomainError unless `value` is a whole number >= `least` */
export function checkWhole(op: string, what: string, value: unknown, least: number = -Infinity): void {
  if (!Number.isSafeInteger(value) || (value as number) < least)
    throw new DomainError(
      op,
      `${what} is a whole number${least === -Infinity ? '' : ` >= ${least}`}, got ${show(value)}`,
    );
}

/** @throws DomainError unless `value` is a list of whole numbers >= `least` */
export function checkWholes(op: string, what: string, value: unknown, least?: number): void {
  checkList(op, what, value);
  for (const n of value as readonly unknown[]) checkWhole(op, `each of ${what}`, n, least);
}

/** @throws DomainError unless `value` is one of the names */
export function checkName(op: string, what: string, value: unknown, names: readonly string[]): void {
  if (!names.includes(value as string)) throw new DomainError(op, `${what} is ${names.join(', ')}, got ${show(value)}`);
}

/** @throws DomainError unless `value` is true or false */
export function checkFlag(op: string, what: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new DomainError(op, `${what} is true or false, got ${show(value)}`);
}

/** @throws DomainError unless `value` is a number; DTypeError when the dtype cannot hold it */
export function checkValue(op: string, value: unknown, dtype: DType): void {
  if (typeof value !== 'number') throw new DomainError(op, `the value is a number, got ${show(value)}`);
  if ((dtype === 'int32' && (value | 0) !== value) || (dtype === 'bool' && value !== 0 && value !== 1))
    throw new DTypeError(op, `${dtype} cannot hold ${value}: cast x first`);
}

/**
 * One axis, a list, or all when undefined.
 * @throws ShapeError unless all exist, each named once
 */
export function axesOf(op: string, axes: number | readonly number[] | undefined, x: Tensor): readonly number[] {
  if (axes !== undefined && typeof axes !== 'number' && !Array.isArray(axes))
    throw new ShapeError(op, `axes are numbers, got ${show(axes)}`, [x.shape]);
  return resolveAxes(op, axes, x.shape);
}
