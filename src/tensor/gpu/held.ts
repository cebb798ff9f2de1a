import type { Held } from '../storage.ts';

/** What GPU.js gives for a result: a texture or buffer of the device, or an array where its kernels run on the host. */
export interface Texture {
  toArray(): Float32Array | Promise<Float32Array>;
  delete(): void;
}

/** How much lies on a device. */
export interface HeldCounts {
  count: number;
  bytes: number;
}

/**
 * Elements on the device. Its tensors share it, and whoever retains it; when the last lets go, the device may use the memory again.
 */
export class GpuArray implements Held {
  readonly size: number;
  /** Null before the device has computed them, after they were let go, and where there are none. */
  value: Texture | Float32Array | null = null;
  /** Why there will never be any. */
  failure: Error | null = null;
  readonly #counts: HeldCounts;
  readonly #discard: (array: GpuArray) => void;
  #owners = 1;

  constructor(size: number, counts: HeldCounts, discard: (array: GpuArray) => void) {
    this.size = size;
    this.#counts = counts;
    this.#discard = discard;
    counts.count += 1;
    counts.bytes += 4 * size;
  }

  retain(): this {
    this.#owners += 1;
    return this;
  }

  release(): void {
    this.#owners -= 1;
    if (this.#owners !== 0) return;
    this.#counts.count -= 1;
    this.#counts.bytes -= 4 * this.size;
    this.#discard(this);
  }
}
