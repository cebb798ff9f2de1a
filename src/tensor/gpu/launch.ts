import { DeviceError } from '../errors.ts';
import { type GpuJs, type GpuJsKernel, kernelSettings } from './gpujs.ts';
import { GpuArray, type HeldCounts, type Texture } from './held.ts';
import { mostElements } from './overlay.ts';
import { atOnce, inOrder, type Queue } from './queue.ts';
import { type KernelText, kernelText } from './text.ts';

const uploadText = kernelText('upload', 'function (x) { return x[this.thread.x]; }');
const fullText = kernelText('full', 'function (value) { return value; }');

/** How the device was used, since it was made. */
export interface Traffic {
  /** Arrays that came from the host, and that went there. */
  uploads: number;
  reads: number;
  /** Kernels that ran. */
  launches: number;
}

/** Compiles texts, runs them in order, and moves arrays: all that is said to GPU.js is said here. */
export class Runner {
  readonly queue: Queue;
  readonly counts: HeldCounts = { count: 0, bytes: 0 };
  readonly traffic: Traffic = { uploads: 0, reads: 0, launches: 0 };
  /** What failed since somebody was told of it: only where work is done later. */
  failure: DeviceError | null = null;
  readonly #gpu: GpuJs;
  readonly #onDevice: boolean;
  readonly #compiled = new Map<string, GpuJsKernel>();
  /** Stands in for arrays of size 0, which GPU.js does not take. */
  #nothing: Texture | Float32Array | null = null;

  constructor(gpu: GpuJs, later: boolean, onDevice: boolean) {
    this.#gpu = gpu;
    this.#onDevice = onDevice;
    this.queue = later ? inOrder() : atOnce;
  }

  /** Whether the WebGL context behind the kernels is gone; WebGPU tells that by itself. */
  get isLost(): boolean {
    return this.#gpu.context?.isContextLost?.() === true;
  }

  /** Compiled kernels. */
  get kernels(): number {
    return this.#compiled.size;
  }

  /** An array that nothing has been computed for. */
  empty(size: number): GpuArray {
    return new GpuArray(size, this.counts, (array) => this.queue.add(() => this.#discard(array)));
  }

  /** Element i is what the text gives for thread i. `op` is what an error names. */
  launch(op: string, text: KernelText, size: number, args: readonly (GpuArray | number)[]): GpuArray {
    checkSize(op, size);
    const y = this.empty(size);
    if (size > 0)
      this.task(op, [y], args, () => {
        this.traffic.launches += 1;
        return this.#call(
          text,
          size,
          args.map((arg) => (arg instanceof GpuArray ? this.#valueOf(arg) : arg)),
        );
      });
    return y;
  }

  /** A copy of numbers of the host. */
  upload(op: string, data: ArrayLike<number>): GpuArray {
    checkSize(op, data.length);
    const y = this.empty(data.length);
    if (data.length === 0) return y;
    this.traffic.uploads += 1;
    const copy = Float32Array.from(data);
    this.task(op, [y], [], () => this.sent(copy));
    return y;
  }

  /** A value of the device, out of an array of the host that nobody writes any more. */
  sent(data: Float32Array): Texture | Float32Array | Promise<Texture | Float32Array> {
    return this.#onDevice && data.length > 0 ? this.#call(uploadText, data.length, [data]) : data;
  }

  /** One value, size times. */
  full(op: string, size: number, value: number): GpuArray {
    if (Number.isFinite(value)) return this.launch(op, fullText, size, [value]);
    return this.upload(op, new Float32Array(size).fill(value));
  }

  /** The elements, once they are there. */
  async values(array: GpuArray): Promise<Float32Array> {
    if (array.failure !== null) throw array.failure;
    const { value } = array;
    if (value === null) return new Float32Array(array.size);
    return value instanceof Float32Array ? value : value.toArray();
  }

  /** The same, at once: where nothing is done later. */
  valuesNow({ value, size }: GpuArray): Float32Array {
    if (value === null) return new Float32Array(size);
    return (value instanceof Float32Array ? value : value.toArray()) as Float32Array;
  }

  /**
   * Compute the value of `ys[0]`, or of all of them, after all that was told before. A failure is thrown here where work is done at once;
   * otherwise it stays with what it should have made, and with what is made of that, until somebody reads.
   */
  task(
    op: string,
    ys: readonly GpuArray[],
    needs: readonly (GpuArray | number)[],
    work: () => Made | Promise<Made>,
  ): void {
    if (!this.queue.later) {
      try {
        settle(ys, work() as Made);
      } catch (error) {
        throw failureOf(op, error);
      }
      return;
    }
    this.queue.add(async () => {
      try {
        for (const x of needs) if (x instanceof GpuArray && x.failure !== null) throw x.failure;
        settle(ys, await work());
      } catch (error) {
        const failure = failureOf(op, error);
        for (const y of ys) y.failure = failure;
        this.failure ??= failure;
      }
    });
  }

  #call(
    text: KernelText,
    size: number,
    args: readonly unknown[],
  ): Texture | Float32Array | Promise<Texture | Float32Array> {
    let kernel = this.#compiled.get(text.name);
    if (kernel === undefined) {
      const { functions } = text;
      kernel = this.#gpu.createKernel(text.source, { ...kernelSettings, functions, output: [size] });
      this.#compiled.set(text.name, kernel);
    } else kernel.setOutput([size]);
    return kernel(...args);
  }

  /** The same, at once: where nothing is done later. */
  sentNow(data: Float32Array): Texture | Float32Array {
    return this.sent(data) as Texture | Float32Array;
  }

  /** Make what stands in for arrays without elements. */
  async prepare(): Promise<void> {
    this.#nothing = await this.sent(Float32Array.of(0));
  }

  #valueOf({ value, size }: GpuArray): unknown {
    return size === 0 ? this.#nothing : value;
  }

  #discard(array: GpuArray): void {
    if (array.value !== null && !(array.value instanceof Float32Array)) array.value.delete();
    array.value = null;
  }

  /** Let go of everything. */
  async destroy(): Promise<void> {
    for (const kernel of this.#compiled.values()) kernel.destroy();
    this.#compiled.clear();
    await this.#gpu.destroy();
  }
}

/** What a task makes: one value, or one for each array. */
export type Made = Texture | Float32Array | readonly (Texture | Float32Array)[];

function settle(ys: readonly GpuArray[], made: Made): void {
  const values = Array.isArray(made) ? (made as readonly (Texture | Float32Array)[]) : [made as Texture | Float32Array];
  for (const [i, y] of ys.entries()) y.value = values[i];
}

function failureOf(op: string, error: unknown): DeviceError {
  if (error instanceof DeviceError) return error;
  return new DeviceError(op, `failed on the device: ${error instanceof Error ? error.message : String(error)}`);
}

function checkSize(op: string, size: number): void {
  if (size > mostElements)
    throw new DeviceError(op, `a tensor of ${size} elements: GPU kernels number at most ${mostElements}`);
}
