import { DeviceError, DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

const nameOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : value instanceof Tensor ? 'a tensor' : typeof value;

/**
 * @param what each of them in an error message: `input` gives `input 2`
 * @throws DTypeError unless `xs` is a list of tensors
 */
export function checkTensors(op: string, what: string, xs: unknown): void {
  if (!Array.isArray(xs)) throw new DTypeError(op, `${what}s are a list of tensors, got ${nameOf(xs)}`);
  for (const [i, x] of xs.entries())
    if (!(x instanceof Tensor)) throw new DTypeError(op, `${what} ${i} is a tensor, got ${nameOf(x)}`);
}

/** @throws DomainError unless `fn` is a function */
export function checkFunction(op: string, what: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new DomainError(op, `${what} is a function, got ${nameOf(fn)}`);
}

/** @throws ShapeError, DTypeError or DeviceError unless there is one v for each x, of its shape, dtype and device */
export function checkAlike(op: string, what: string, vs: readonly Tensor[], xs: readonly Tensor[]): void {
  if (vs.length !== xs.length) throw new ShapeError(op, `${xs.length} ${what}s are needed, got ${vs.length}`);
  for (const [i, v] of vs.entries()) {
    const x = xs[i];
    if (!sameShape(v.shape, x.shape)) throw new ShapeError(op, `${what} ${i} has another shape`, [v.shape, x.shape]);
    if (v.dtype !== x.dtype) throw new DTypeError(op, `${what} ${i} is ${v.dtype}, and should be ${x.dtype}`);
    if (v.device !== x.device)
      throw new DeviceError(op, `${what} ${i} lives on ${v.device.name}, and should on ${x.device.name}`);
  }
}
