import { DTypeError } from './errors.ts';

/** Element types: `float32` (default), `float64`, `int32` (indices), `bool` (masks, one byte each, 0 or 1). */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** The typed array that holds elements of a dtype. */
export type Data = Float32Array | Float64Array | Int32Array | Uint8Array;

const arrays: Record<DType, { new (length: number): Data; readonly BYTES_PER_ELEMENT: number }> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
};

/** Whether a value is the name of a dtype. */
export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(arrays, name);

/** A zero-filled typed array for `length` elements of `dtype`. */
export const newData = (dtype: DType, length: number): Data => new arrays[dtype](length);

/** Bytes of one element. */
export const bytesOf = (dtype: DType): number => arrays[dtype].BYTES_PER_ELEMENT;

/** Whether gradients can flow through this dtype. */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** The dtype whose typed array this is. */
export function dtypeOf(data: Data): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Int32Array ? 'int32' : 'bool';
}

/**
 * Refuse a dtype that has no real values.
 * @throws DTypeError naming `op`.
 */
export function requireFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype)) throw new DTypeError(op, `needs float32 or float64, got ${dtype}: use cast(x, 'float32')`);
}
