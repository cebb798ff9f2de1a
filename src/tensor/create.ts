import { cpu, type Device } from './device.ts';
import { type Data, type DType, dtypeOf, isDType, isFloat } from './dtype.ts';
import { DeviceError, DomainError, DTypeError, type Shape, ShapeError } from './errors.ts';
import { Rng } from './rng.ts';
import { checkShape, sameShape, sizeOf } from './shape.ts';
import { type Nested, Tensor } from './tensor.ts';

/** How a new tensor is stored. */
export interface TensorOptions {
  /** Default `float32`; for a typed array the dtype of that array; for booleans `bool`. */
  readonly dtype?: DType;
  /** Record what is computed from this tensor; floating dtypes only. Default false. */
  readonly requiresGrad?: boolean;
  /** Default the host. */
  readonly device?: Device;
}

/** What `tensor` accepts: a number, a boolean, nested arrays of one shape, or a typed array. */
export type TensorLike = Nested<number> | Nested<boolean> | Data;

/**
 * A tensor holding a copy of `values`. Nested arrays give the shape; a flat or typed array may be given one.
 *
 * @param options.shape the shape, when it is not that of the nesting; its size equals the number of values
 * @throws ShapeError when rows differ in length, or `shape` has another size
 * @throws DTypeError when a fraction goes into int32, a number other than 0 and 1 into bool, or a gradient is asked of either
 */
export function tensor(values: TensorLike, options: TensorOptions & { readonly shape?: Shape } = {}): Tensor {
  checkOptions('tensor', options);
  const typed = ArrayBuffer.isView(values);
  const nested = typed ? [values.length] : nestedShape(values as Nested<unknown>);
  const shape = checkShape('tensor', options.shape ?? nested);
  if (sizeOf(shape) !== sizeOf(nested))
    throw new ShapeError('tensor', 'values and shape differ in size', [nested, shape]);
  const source = typed ? values : flatten(values as Nested<unknown>);
  const dtype = options.dtype ?? (typed ? dtypeOf(values) : typeof source[0] === 'boolean' ? 'bool' : 'float32');
  return written('tensor', shape, { ...options, dtype }, (data) => {
    for (let i = 0; i < source.length; i++) data[i] = element('tensor', source[i], dtype);
  });
}

/** Zeros of the given shape. @throws DomainError when a size is not a whole number >= 0 */
export const zeros = (shape: Shape, options: TensorOptions = {}): Tensor =>
  options?.device?.remote === undefined ? make('zeros', shape, options) : constant('zeros', shape, 0, options);

/** Ones of the given shape. @throws DomainError when a size is not a whole number >= 0 */
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor => constant('ones', shape, 1, options);

/**
 * One value everywhere.
 * @throws DomainError when a size is not a whole number >= 0; DTypeError when the dtype cannot hold the value
 */
export const full = (shape: Shape, value: number, options: TensorOptions = {}): Tensor =>
  constant('full', shape, value, options);

/** A number as a scalar tensor; `op` is what the error names when the dtype cannot hold it. */
export const scalar = (op: string, value: number, options: TensorOptions): Tensor => constant(op, [], value, options);

/**
 * The n×m matrix with ones on its main diagonal, m = n unless given.
 * @throws DomainError when a size is not a whole number >= 0
 */
export function eye(n: number, m: number = n, options: TensorOptions = {}): Tensor {
  return fill('eye', [n, m], options, (i) => (Math.floor(i / m) === i % m ? 1 : 0));
}

/**
 * start, start + step, … up to but without `stop`; `arange(n)` counts 0..n−1.
 * @throws DomainError when the step is 0 or an argument is not finite
 */
export function arange(start: number, stop?: number, step: number = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0)
    throw new DomainError(
      'arange',
      `start, stop and step are finite and step is not 0, got ${[from, to, step].map(String).join(', ')}`,
    );
  return fill('arange', [Math.max(0, Math.ceil((to - from) / step))], options, (i) => from + i * step);
}

/**
 * n numbers evenly spaced from `start` to `stop`, both included.
 * @throws DomainError when n is not a whole number >= 0, or an end is not finite
 */
export function linspace(start: number, stop: number, n: number, options: TensorOptions = {}): Tensor {
  if (!Number.isFinite(start) || !Number.isFinite(stop))
    throw new DomainError('linspace', `start and stop are finite, got ${String(start)}, ${String(stop)}`);
  return fill('linspace', [n], options, (i) =>
    i === n - 1 && n > 1 ? stop : start + (i * (stop - start)) / (n - 1 || 1),
  );
}

/** Independent numbers, uniform on [0, 1). @throws DomainError when a size is not a whole number >= 0, or there is no Rng */
export const rand = (shape: Shape, rng: Rng, options: TensorOptions = {}): Tensor =>
  draw('rand', shape, rng, options, () => below1(rng.uniform(), options.dtype ?? 'float32'));

/** float32 would round the numbers next to 1 up to 1. */
const below1 = (u: number, dtype: DType): number => (dtype === 'float32' ? Math.min(u, 1 - 2 ** -24) : u);

/** Independent standard normal numbers. @throws DomainError when a size is not a whole number >= 0, or there is no Rng */
export const randn = (shape: Shape, rng: Rng, options: TensorOptions = {}): Tensor =>
  draw('randn', shape, rng, options, () => rng.normal());

function draw(op: string, shape: Shape, rng: unknown, options: TensorOptions, next: () => number): Tensor {
  if (!(rng instanceof Rng)) throw new DomainError(op, 'needs an Rng after the shape: new Rng(seed)');
  return fill(op, shape, options, next);
}

/** @throws DomainError unless options are an object with a known dtype and a device */
function checkOptions(op: string, options: TensorOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new DomainError(op, 'options are an object, { dtype, requiresGrad, device }');
  const { dtype = 'float32', device = cpu } = options;
  if (!isDType(dtype)) throw new DTypeError(op, `there is no dtype '${String(dtype)}'`);
  if (!(device?.overlay instanceof Map))
    throw new DeviceError(op, `a device is an object such as cpu, got ${String(device)}`);
}

function make(op: string, shape: Shape, options: TensorOptions): Tensor {
  checkOptions(op, options);
  const { dtype = 'float32', requiresGrad = false, device = cpu } = options;
  if (requiresGrad && !isFloat(dtype))
    throw new DTypeError(op, `${dtype} has no gradient: requiresGrad needs a float dtype`);
  const x = Tensor.allocate([...checkShape(op, shape)], dtype, device);
  x.requiresGrad = requiresGrad;
  return x;
}

/**
 * A tensor whose elements the host writes, into zeros, wherever it is to live.
 * @throws as `tensor` does
 */
export function written(op: string, shape: Shape, options: TensorOptions, write: (data: Data) => void): Tensor {
  const { device = cpu } = options ?? {};
  if (device.remote === undefined) {
    const x = make(op, shape, options);
    if (x.device.hasData) write(x.data);
    return x;
  }
  const { requiresGrad = false, ...rest } = options;
  const host = make(op, shape, { ...rest, device: cpu });
  write(host.data);
  const x = device.remote.upload(host);
  x.requiresGrad = requiresGrad;
  return x;
}

function fill(op: string, shape: Shape, options: TensorOptions, value: (index: number) => number): Tensor {
  return written(op, shape, options, (data) => {
    for (let i = 0; i < data.length; i++) data[i] = element(op, value(i), dtypeOf(data));
  });
}

/** One value everywhere: a device with memory of its own writes it there. */
function constant(op: string, shape: Shape, value: number, options: TensorOptions): Tensor {
  const { remote } = options?.device ?? cpu;
  if (remote === undefined) return fill(op, shape, options, () => value);
  const { dtype, requiresGrad } = make(op, shape, options);
  const x = remote.full({ shape: [...shape], dtype }, element(op, value, dtype));
  x.requiresGrad = requiresGrad;
  return x;
}

/** A value as its dtype stores it, refused when the dtype cannot. */
function element(op: string, value: unknown, dtype: DType): number {
  const x = typeof value === 'boolean' ? Number(value) : value;
  if (typeof x !== 'number') throw new DTypeError(op, `values are numbers or booleans, got ${typeof value}`);
  if (dtype === 'int32' && (x | 0) !== x) throw new DTypeError(op, `${x} is not an int32`);
  if (dtype === 'bool' && x !== 0 && x !== 1) throw new DTypeError(op, `${x} is neither 0 nor 1: cast to bool instead`);
  return x;
}

function nestedShape(values: Nested<unknown>): Shape {
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(values: Nested<unknown>): ArrayLike<unknown> {
  const out: unknown[] = [];
  const visit = (level: unknown, shape: Shape): void => {
    if (!Array.isArray(level)) out.push(level);
    else {
      const inner = level.map(nestedShape);
      const odd = inner.find((s) => !sameShape(s, inner[0]));
      if (odd !== undefined) throw new ShapeError('tensor', `rows differ at depth ${shape.length}`, [inner[0], odd]);
      for (const part of level) visit(part, [...shape, level.length]);
    }
  };
  visit(values, []);
  return out;
}
