import type { DType } from '../dtype.ts';
import { DeviceError, DomainError, DTypeError, type Shape } from '../errors.ts';
import { Tensor } from '../tensor.ts';

/** Tensors under names: what the writers take, and what a model's state is. */
export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

/** A file in memory. */
export type Bytes = Uint8Array | ArrayBuffer;

/** Pairs of a map or a plain object. @throws DTypeError naming `op` when it is neither */
export function pairsOf<T>(op: string, named: ReadonlyMap<string, T> | Readonly<Record<string, T>>): [string, T][] {
  if (named instanceof Map) return [...(named as ReadonlyMap<string, T>)];
  if (typeof named !== 'object' || named === null || Array.isArray(named) || ArrayBuffer.isView(named))
    throw new DTypeError(op, 'takes names with their values, as an object or a Map');
  return Object.entries(named as Readonly<Record<string, T>>);
}

/**
 * Tensors under names, each fit to be written.
 * @throws DTypeError when a value is not a tensor; DeviceError when it has no values; DomainError when a name is no text
 */
export function writable(op: string, named: NamedTensors): [string, Tensor][] {
  return pairsOf(op, named).map(([name, t]): [string, Tensor] => {
    checkName(op, name);
    if (!(t instanceof Tensor)) throw new DTypeError(op, `'${name}' is not a tensor`);
    if (!t.onHost && t.storage.released === null)
      throw new DeviceError(
        op,
        `'${name}' lives on '${t.device.name}', where the host sees no values: await its cpu()`,
      );
    return [name, t];
  });
}

/** @throws DomainError naming `op` when a name cannot be kept: half a surrogate pair, which UTF-8 has no bytes for, or `__proto__` */
export function checkName(op: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || /\p{Surrogate}/u.test(name))
    throw new DomainError(op, `names are well-formed text, got ${JSON.stringify(name)}`);
  if (name === '__proto__') throw new DomainError(op, "nothing may be named '__proto__'");
}

/** The bytes of a file. @throws DTypeError naming `op` unless it is a Uint8Array or an ArrayBuffer */
export function fileBytes(op: string, file: Bytes): Uint8Array {
  if (file instanceof Uint8Array) return file;
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  throw new DTypeError(op, 'takes a Uint8Array or an ArrayBuffer');
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of a tensor's elements, little-endian; those of its own storage where the host is little-endian too. */
export function elementBytes(t: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = t.data;
  const own = new Uint8Array(buffer, byteOffset, byteLength);
  return hostIsLittleEndian ? own : swapped(own, BYTES_PER_ELEMENT);
}

/** Every group of `width` bytes in reverse. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i - (i % width) + width - 1 - (i % width)] = bytes[i];
  return out;
}

/** How a file keeps elements: as which dtype they are read, in how many bytes each, unsigned bytes widened to int32. */
export interface Layout {
  readonly dtype: DType;
  readonly bytes: number;
  readonly littleEndian?: boolean;
}

/**
 * A tensor with a copy of elements out of a file, bit for bit.
 * @throws DomainError naming `op` and `what` when a bool is neither 0 nor 1
 */
export function fromBytes(op: string, what: string, shape: Shape, layout: Layout, bytes: Uint8Array): Tensor {
  const { dtype, littleEndian = true } = layout;
  const t = Tensor.allocate([...shape], dtype);
  const { data } = t;
  if (dtype === 'bool' && bytes.some((b) => b > 1)) throw new DomainError(op, `${what}: a bool is neither 0 nor 1`);
  if (layout.bytes === 1) data.set(bytes);
  else {
    const ordered = littleEndian === hostIsLittleEndian ? bytes : swapped(bytes, layout.bytes);
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(ordered);
  }
  return t;
}

/**
 * Bytes that a shape takes, refused where they cannot be counted: nothing is allocated before a file's sizes agree.
 * @throws DomainError naming `op` and `what` when a size is not a whole number >= 0, or their product is beyond 2^53
 */
export function bytesOfShape(op: string, what: string, shape: unknown, each: number): number {
  if (!Array.isArray(shape)) throw new DomainError(op, `${what}: its shape is not a list`);
  let size = each;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0 || Object.is(n, -0))
      throw new DomainError(op, `${what}: a size is a whole number >= 0, got ${JSON.stringify(n)}`);
    size *= n as number;
    if (size > Number.MAX_SAFE_INTEGER) throw new DomainError(op, `${what}: shape [${shape}] is too large`);
  }
  return size;
}
