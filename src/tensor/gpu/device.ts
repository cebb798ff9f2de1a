/// <reference lib="esnext.disposable" preserve="true" />
import type { Device, Remote, RemoteCall } from '../device.ts';
import { type Data, newData } from '../dtype.ts';
import { DeviceError, DisposedError, DomainError, DTypeError } from '../errors.ts';
import type { Overlaid, Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import { Storage } from '../storage.ts';
import { Tensor } from '../tensor.ts';
import { onHost, withDType } from './fallback.ts';
import type { GpuMode } from './gpujs.ts';
import type { GpuArray } from './held.ts';
import type { GpuInfo } from './info.ts';
import type { Runner } from './launch.ts';
import { type GpuTable, type Launcher, mostElements, type Operand } from './overlay.ts';
import { overwriteText, windowText } from './views.ts';

/** What a device is made of. */
export interface GpuParts {
  readonly mode: GpuMode;
  readonly runner: Runner;
  readonly table: GpuTable;
  /** Refuse what the device has no kernel for, instead of computing it on the host. */
  readonly strict: boolean;
}

/**
 * A GPU as GPU.js reaches it. Tensors live there as flat float32 arrays (int32 and bool too: whole numbers up to 2²⁴ are exact); what has
 * no kernel there is computed on the host, counted in `info().fallbacks`.
 */
export class GpuDevice implements Device, Remote {
  readonly name: string;
  readonly hasData = false;
  /** The host's overlay has no part in it. */
  readonly overlay: ReadonlyMap<string, Overlaid> = new Map();
  readonly mode: GpuMode;
  readonly #runner: Runner;
  readonly #table: GpuTable;
  readonly #strict: boolean;
  readonly #fallbacks = new Map<string, { count: number; reason: string }>();
  #lost: string | null = null;

  constructor({ mode, runner, table, strict }: GpuParts) {
    this.name = `gpu:${mode}`;
    this.mode = mode;
    this.#runner = runner;
    this.#table = table;
    this.#strict = strict;
  }

  get remote(): Remote {
    return this;
  }

  /** What it has done, and what lies on it. */
  info(): GpuInfo {
    const { traffic, counts, kernels, queue } = this.#runner;
    return {
      mode: this.mode,
      asynchronous: queue.later,
      live: counts.count,
      bytes: counts.bytes,
      kernels,
      ...traffic,
      fallbacks: Object.fromEntries([...this.#fallbacks].map(([name, fallback]) => [name, { ...fallback }])),
    };
  }

  /**
   * Wait until everything told so far is done.
   * @throws DeviceError, rejecting, when a kernel failed since the last `sync` or `read`, or the device was lost
   */
  async sync(): Promise<void> {
    await this.#runner.queue.ask(() => this.#report('sync'));
  }

  /** Say that the device is gone: whatever is asked of it from now on raises a `DeviceError` with the reason. */
  lose(reason: string): void {
    this.#lost ??= reason;
  }

  /** Let go of the device and of all that lies on it. */
  async dispose(): Promise<void> {
    if (this.#lost !== null) return;
    this.lose('it was disposed of');
    await this.#runner.queue.ask(() => this.#runner.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#table, name);
  }

  /** @throws DeviceError when the device is gone, strict and without such a kernel, or the kernel fails at once; DTypeError for float64 */
  run(call: RemoteCall): readonly Tensor[] {
    const { name, inputs, attrs, specs } = call;
    this.#check(name, [...specs, ...inputs]);
    const kernel = this.#table[name];
    const why = kernel === undefined ? 'has no kernel' : (kernel.refuses?.(inputs, attrs) ?? null);
    if (why !== null) return this.#leave(call, why);
    const launched: GpuArray[] = [];
    const started = (array: GpuArray): GpuArray => {
      launched.push(array);
      return array;
    };
    const on: Launcher = {
      launch: (text, size, args) => started(this.#runner.launch(name, text, size, args)),
      upload: (data) => started(this.#runner.upload(name, data)),
      full: (size, value) => started(this.#runner.full(name, size, value)),
    };
    try {
      const operands = inputs.map((x): Operand => this.#operand(x, launched));
      const made = kernel.run(on, operands, attrs, specs);
      return made.map((array, i) => this.#tensor(array.retain(), specs[i]));
    } finally {
      for (const array of launched) array.release();
    }
  }

  /** @throws DeviceError, DTypeError as `run` does; DomainError for an int32 beyond 2²⁴ */
  upload(x: Tensor): Tensor {
    this.#check('to', [x]);
    const { data, dtype } = x;
    if (dtype === 'int32' && data.some((v) => Math.abs(v) > mostElements))
      throw new DomainError('to', `${this.name} has float32 numbers, which are whole and exact up to 2^24 only`, [
        x.shape,
      ]);
    const array = this.#runner.upload('to', data);
    const storage = Storage.remote(array, dtype === 'float32' ? null : data.slice());
    return new Tensor(storage, x.shape, dtype, this);
  }

  /** @throws DeviceError, DTypeError as `run` does */
  full(spec: Spec, value: number): Tensor {
    this.#check('full', [spec]);
    return this.#tensor(this.#runner.full('full', sizeOf(spec.shape), value), spec);
  }

  /** @throws DeviceError, rejecting, when the device is gone, or a kernel failed since somebody was told of one */
  async read(x: Tensor): Promise<Data> {
    this.#check('read', [x]);
    const array = (x.storage.held as GpuArray | null)?.retain() ?? null;
    const { offset, size, dtype } = x;
    return this.#runner.queue.ask(async () => {
      try {
        const all = array === null ? null : await this.#answer(array);
        return all === null ? newData(dtype, size) : withDType(all.subarray(offset, offset + size), dtype);
      } finally {
        array?.release();
      }
    });
  }

  /** @throws DeviceError when the device is gone */
  assign(target: Tensor, value: Tensor): void {
    this.#check('assign_', [target]);
    const { storage, size, offset } = target;
    const launched: GpuArray[] = [];
    const from = this.#operand(value, launched).array;
    const before = storage.held as GpuArray | null;
    const whole = before === null || before.size === size;
    storage.hold(
      whole ? from.retain() : this.#runner.launch('assign_', overwriteText, before.size, [before, from, offset, size]),
    );
    const { data } = storage;
    if (data !== null && value.onHost) data.set(value.data, offset);
    else storage.data = null;
    for (const array of launched) array.release();
  }

  /** @throws DeviceError when the device is gone */
  #refuseLost(op: string): void {
    if (this.#lost === null && this.#runner.isLost) this.lose('the WebGL context was lost');
    if (this.#lost !== null) throw new DeviceError(op, `${this.name} is gone: ${this.#lost}`);
  }

  /** @throws DeviceError when the device is gone, or cannot hold something; DTypeError for float64 */
  #check(op: string, specs: readonly Spec[]): void {
    this.#refuseLost(op);
    for (const { dtype, shape } of specs) {
      if (dtype === 'float64') throw new DTypeError(op, `${this.name} computes in float32: cast first`, [shape]);
      if (sizeOf(shape) > mostElements)
        throw new DeviceError(op, `${this.name} holds at most ${mostElements} elements in a tensor`, [shape]);
    }
  }

  /** A tensor as kernels see it: elements from 0 on. */
  #operand(x: Tensor, launched: GpuArray[]): Operand {
    const { shape, dtype, size, offset, storage } = x;
    if (storage.released !== null) throw new DisposedError('read', storage.released, [shape]);
    let array = storage.held as GpuArray | null;
    if (array === null) {
      array = this.#runner.full('full', size, 0);
      storage.hold(array);
    } else if (offset !== 0) {
      array = this.#runner.launch('window', windowText, size, [array, offset]);
      launched.push(array);
    }
    return { shape, dtype, size, array, tensor: x };
  }

  #tensor(array: GpuArray, { shape, dtype }: Spec): Tensor {
    return new Tensor(Storage.remote(array), shape, dtype, this);
  }

  /** Elements of an array; what failed before is told instead. */
  async #answer(array: GpuArray): Promise<Float32Array> {
    this.#report('read', array.failure);
    this.#runner.traffic.reads += 1;
    return this.#runner.values(array);
  }

  /** @throws DeviceError for what failed, once, and for a device that is gone */
  #report(op: string, own: Error | null = null): void {
    this.#refuseLost(op);
    const failure = own ?? this.#runner.failure;
    this.#runner.failure = null;
    if (failure !== null) throw failure;
  }

  /** What the device leaves to the host, counted. @throws DeviceError when it is strict */
  #leave(call: RemoteCall, reason: string): readonly Tensor[] {
    const { name, inputs, specs } = call;
    if (this.#strict) {
      const shapes = inputs.map((x) => x.shape);
      throw new DeviceError(name, `${this.name} ${reason}, and is strict`, shapes);
    }
    this.#fallbacks.set(name, { count: (this.#fallbacks.get(name)?.count ?? 0) + 1, reason });
    const launched: GpuArray[] = [];
    const operands = inputs.map((x) => this.#operand(x, launched).array);
    const ys = onHost(this.#runner, call, operands);
    for (const array of launched) array.release();
    return ys.map((y, i) => this.#tensor(y, specs[i]));
  }
}
