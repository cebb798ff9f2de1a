import { bytesOf, type Data, type DType, newData } from './dtype.ts';

const counters = { count: 0, bytes: 0 };

/** Buffers created so far and their bytes, over the life of the process: the difference of two readings is what ran between. */
export const allocations = (): { readonly count: number; readonly bytes: number } => ({ ...counters });

/** Elements in memory that kernels reach by address. */
export interface Place {
  readonly data: Data;
  /** Byte address of the first element. */
  readonly address: number;
}

/** Elements in the memory of a device that the host does not see, shared by whoever retained them. */
export interface Held {
  /** Number of elements. */
  readonly size: number;
  retain(): this;
  release(): void;
}

/** What lies on a device and is looked at by nobody any more. */
const forgotten = /* @__PURE__ */ new FinalizationRegistry<Held>((held) => held.release());

/** Where new buffers come from while a scope is open. */
export interface Arena {
  /** Room for `size` elements, zero-filled when asked; null when there is none. */
  place(dtype: DType, size: number, zero: boolean): Place | null;
  /** Told of every buffer that is made. */
  own(storage: Storage): void;
}

let arena: Arena | null = null;

/** Make buffers in this arena from now on, or as ordinary arrays. @returns where they were made before */
export function useArena(next: Arena | null): Arena | null {
  const before = arena;
  arena = next;
  return before;
}

/**
 * A buffer that one or more tensors look at, and how often it was written in place since its creation. A gradient rule
 * that saved an operand compares `version` before it trusts the values. `data` is null where the host has no values: on the `meta`
 * device, on one with memory of its own, and once the buffer was released.
 */
export class Storage {
  data: Data | null;
  /** Byte address in the memory of the SIMD kernels; 0 for an ordinary array. */
  address: number;
  version = 0;
  #held: Held | null = null;
  /** The scope at whose end the buffer goes; null when the garbage collector decides. */
  owner: object | null = null;
  /** Gives the memory of a gradient back before the garbage collector would: see `dropGradient`. */
  giveBack: (() => void) | null = null;
  /** Why the elements are gone; null while they are there. */
  released: string | null = null;

  constructor(data: Data | null, address: number = 0) {
    this.data = data;
    this.address = address;
  }

  /**
   * Storage for `size` elements; every buffer of the library is made here, so that it can be counted.
   * @param zero false when all elements will be written anyway
   */
  static allocate(dtype: DType, size: number, zero: boolean = true): Storage {
    if (arena === null) return Storage.#ordinary(dtype, size);
    const place = arena.place(dtype, size, zero);
    const storage = place === null ? Storage.#ordinary(dtype, size) : new Storage(place.data, place.address);
    arena.own(storage);
    return storage;
  }

  /** Storage for elements on a device with memory of its own; `data` is a copy that stays readable. */
  static remote(held: Held | null, data: Data | null = null): Storage {
    const storage = new Storage(data);
    storage.hold(held);
    arena?.own(storage);
    return storage;
  }

  static #ordinary(dtype: DType, size: number): Storage {
    counters.count += 1;
    counters.bytes += size * bytesOf(dtype);
    return new Storage(newData(dtype, size));
  }

  /** The elements on a device with memory of its own; null elsewhere, and while they are all 0. */
  get held(): Held | null {
    return this.#held;
  }

  /** Take over elements on a device, and let go of those before. The garbage collector lets go of them in the end. */
  hold(held: Held | null): void {
    if (this.#held !== null) {
      forgotten.unregister(this);
      this.#held.release();
    }
    this.#held = held;
    if (held !== null) forgotten.register(this, held, this);
  }

  /** Move the elements, for every tensor that looks at them: to a place, or to an ordinary array. */
  move(place: Place | null): void {
    const { data } = this;
    if (data === null) return;
    if (place === null) {
      counters.count += 1;
      counters.bytes += data.byteLength;
      this.data = data.slice();
    } else {
      place.data.set(data);
      this.data = place.data;
    }
    this.address = place?.address ?? 0;
  }

  /** Let go of the elements: whoever reads them later is told why they are gone. */
  release(why: string): void {
    this.hold(null);
    this.data = null;
    this.address = 0;
    this.owner = null;
    this.giveBack = null;
    this.released = why;
  }
}
