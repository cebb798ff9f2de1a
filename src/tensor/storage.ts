import { bytesOf, type Data, type DType, newData } from './dtype.ts';

const counters = { count: 0, bytes: 0 };

/** Buffers created so far and their bytes, over the life of the process: the difference of two readings is what ran between. */
export const allocations = (): { readonly count: number; readonly bytes: number } => ({ ...counters });

/**
 * A buffer that one or more tensors look at, and how often it was written in place since its creation. A gradient rule
 * that saved an operand compares `version` before it trusts the values. `data` is null on the `meta` device.
 */
export class Storage {
  readonly data: Data | null;
  version = 0;

  constructor(data: Data | null) {
    this.data = data;
  }

  /** Zero-filled storage; every buffer of the library is made here, so that it can be counted. */
  static allocate(dtype: DType, size: number): Storage {
    counters.count += 1;
    counters.bytes += size * bytesOf(dtype);
    return new Storage(newData(dtype, size));
  }
}
