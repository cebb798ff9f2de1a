/// <reference lib="esnext.disposable" preserve="true" />
import { cpu, type Device } from './device.ts';
import { bytesOf, type Data, type DType, isFloat } from './dtype.ts';
import { DeviceError, DisposedError, DTypeError, GradError, type Shape, ShapeError } from './errors.ts';
import { print } from './print.ts';
import { sameShape, sizeOf } from './shape.ts';
import { Storage } from './storage.ts';

/** The recorded call that made a tensor. Autograd fills it in; this layer only carries it. */
export interface GradNode {
  readonly sequence: number;
}

/** Values nested as deeply as a tensor has axes. */
export type Nested<T> = T | readonly Nested<T>[];

/**
 * An n-dimensional array: contiguous, row-major, one dtype, one device. Values never change except through `assign_`
 * (and what calls it: optimizers), so reshaped tensors and slices along the first axis share storage freely.
 */
export class Tensor {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Changed only by `moveTo` and `moveToHost`. */
  device: Device;
  /** Index in `storage` of the first element. */
  readonly offset: number;
  /** Gradient accumulated by `backward()`, on leaves. */
  grad: Tensor | null = null;
  /** The recorded call that this is output number `outputIndex` of; null on a leaf. */
  node: GradNode | null = null;
  outputIndex = 0;
  #requiresGrad = false;
  /** `data` as it was last asked for, and the buffer that it is part of. */
  #data: Data | null = null;
  #whole: Data | null = null;

  constructor(storage: Storage, shape: Shape, dtype: DType, device: Device = cpu, offset = 0) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.device = device;
    this.offset = offset;
  }

  /** A tensor of zeros, of nothing on `meta`; of whatever was there before when `zero` is false. */
  static allocate(shape: Shape, dtype: DType, device: Device = cpu, zero: boolean = true): Tensor {
    if (device.hasData) return new Tensor(Storage.allocate(dtype, sizeOf(shape), zero), shape, dtype, device);
    return new Tensor(device.remote === undefined ? new Storage(null) : Storage.remote(null), shape, dtype, device);
  }

  /**
   * Whether calls on this tensor are recorded for differentiation. May be set on leaves.
   * @throws DTypeError when set on int32 or bool; GradError when cleared on the result of a recorded call
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(on: boolean) {
    if (on && !isFloat(this.dtype)) throw new DTypeError('requiresGrad', `${this.dtype} has no gradient`);
    if (!on && this.node !== null)
      throw new GradError('requiresGrad', 'the result of a recorded call stays in its graph: use detach()', [
        this.shape,
      ]);
    this.#requiresGrad = on;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Bytes of the elements, whether or not the storage is shared. */
  get bytes(): number {
    return this.size * bytesOf(this.dtype);
  }

  /** True for tensors that no recorded call made: parameters, inputs, constants. */
  get isLeaf(): boolean {
    return this.node === null;
  }

  /** Whether `data` has values: always on the host, never on `meta`, and elsewhere for integers and masks that came from the host. */
  get onHost(): boolean {
    return this.storage.data !== null || (this.storage.released !== null && this.device.hasData);
  }

  /**
   * The elements, flat and row-major. Read-only by contract: write through `assign_`.
   * @throws DeviceError where the host sees no values: on another device, `await read()` gives them; DisposedError after the end of the
   * scope that made the tensor
   */
  get data(): Data {
    const { data: whole, released } = this.storage;
    if (whole === null) {
      if (released !== null) throw new DisposedError('data', released, [this.shape]);
      const why = this.device.remote === undefined ? 'has no values' : 'is not seen by the host: await its read()';
      throw new DeviceError('data', `a tensor on '${this.device.name}' ${why}`, [this.shape]);
    }
    if (this.#data !== null && this.#whole === whole) return this.#data;
    const { size, offset } = this;
    this.#data = offset === 0 && size === whole.length ? whole : whole.subarray(offset, offset + size);
    this.#whole = whole;
    return this.#data;
  }

  /**
   * The elements, wherever they are: `data`, once the device has computed and sent them.
   * @throws DeviceError, rejecting, when there are none, the device was lost, or a kernel failed there (its name is the error's);
   * DisposedError as `data`
   */
  async read(): Promise<Data> {
    const { remote } = this.device;
    return remote === undefined || this.storage.released !== null ? this.data : remote.read(this);
  }

  /**
   * The same values on the host, outside any graph; the tensor itself when it is there already. What is trained or differentiated there
   * begins anew: a leaf stays a leaf that wants a gradient.
   * @throws as `read` does
   */
  async cpu(): Promise<Tensor> {
    if (this.device === cpu) return this;
    const host = new Tensor(new Storage((await this.read()).slice()), this.shape, this.dtype);
    host.requiresGrad = this.requiresGrad && this.isLeaf;
    return host;
  }

  /**
   * The same values on another device; the tensor itself when it is there already. Not recorded: a leaf gives another leaf.
   * @throws GradError when a recorded call made it: `detach()` first; DeviceError when the host does not see its values (`await cpu()`
   * first), or the device cannot hold them
   */
  to(device: Device): Tensor {
    if (device === this.device) return this;
    if (!this.isLeaf) throw new GradError('to', 'a graph stays on its device: detach() first', [this.shape]);
    const { shape, dtype, requiresGrad } = this;
    const { hasData, remote } = device;
    const y =
      remote === undefined
        ? Tensor.allocate(shape, dtype, device)
        : remote.upload(new Tensor(new Storage(this.data), shape, dtype));
    if (hasData) y.data.set(this.data);
    y.requiresGrad = requiresGrad;
    return y;
  }

  /** Let go of the elements now, for all tensors that share them: reading them raises `DisposedError`. What `using` calls at the end. */
  dispose(): void {
    this.storage.release('dispose() let go of it');
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * The single element as a number (0 or 1 for bool).
   * @throws ShapeError when there is not exactly one element.
   */
  item(): number {
    if (this.size !== 1) throw new ShapeError('item', 'needs exactly one element', [this.shape]);
    return this.data[0];
  }

  /** The elements as nested arrays; a plain number for a scalar; booleans for dtype bool. */
  toArray(): Nested<number> | Nested<boolean> {
    const { data, dtype, shape } = this;
    const nest = (axis: number, from: number, count: number): Nested<number | boolean> => {
      if (axis === shape.length) return dtype === 'bool' ? data[from] !== 0 : data[from];
      const step = shape[axis] === 0 ? 0 : count / shape[axis];
      return Array.from({ length: shape[axis] }, (_, i) => nest(axis + 1, from + i * step, step));
    };
    return nest(0, 0, this.size) as Nested<number> | Nested<boolean>;
  }

  /**
   * Another shape over the same storage and values, outside any recorded graph: what kernels and ops build on. `reshape` is
   * the recorded one.
   */
  rawView(shape: Shape, offset: number = this.offset): Tensor {
    return new Tensor(this.storage, shape, this.dtype, this.device, offset);
  }

  /** The same values, cut off from the graph: no gradient flows through the result. */
  detach(): Tensor {
    return this.rawView(this.shape);
  }

  /**
   * Overwrite the values in place and raise the storage's version; every tensor that shares the storage sees it.
   * Not recorded.
   * @throws ShapeError or DTypeError when `value` does not fit exactly; DeviceError when the two live on different devices.
   */
  assign_(value: Tensor): this {
    if (!sameShape(this.shape, value.shape))
      throw new ShapeError('assign_', 'shapes differ', [this.shape, value.shape]);
    if (this.dtype !== value.dtype) throw new DTypeError('assign_', `cannot write ${value.dtype} into ${this.dtype}`);
    if (this.device !== value.device)
      throw new DeviceError('assign_', `tensors live on ${this.device.name} and ${value.device.name}`);
    if (this.device.remote !== undefined) this.device.remote.assign(this, value);
    else if (this.device.hasData) this.data.set(value.data);
    this.storage.version += 1;
    return this;
  }

  /** Forget the accumulated gradient. One that lies in the memory of the SIMD kernels gives its place to the next. */
  zeroGrad(): void {
    this.replaceGrad(null);
  }

  /** Set `grad`, letting go of the memory of the one before where `scope` put it beside a pinned leaf. */
  replaceGrad(next: Tensor | null): void {
    const before = this.grad;
    this.grad = next;
    if (before !== null && before.storage !== next?.storage) before.storage.giveBack?.();
  }

  /** Values in rows and columns, long axes shortened, with shape and dtype: what a console shows. */
  toString(): string {
    return print(this);
  }
}
