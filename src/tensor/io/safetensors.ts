import type { DType } from '../dtype.ts';
import { DomainError, DTypeError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import {
  type Bytes,
  bytesOfShape,
  checkName,
  elementBytes,
  fileBytes,
  fromBytes,
  type Layout,
  type NamedTensors,
  pairsOf,
  writable,
} from './bytes.ts';
import { isObject, parseObject } from './json.ts';

/** What a safetensors file holds. */
export interface Safetensors {
  /** In the order of their data. */
  readonly tensors: Map<string, Tensor>;
  /** Free text under names, empty when there is none. */
  readonly metadata: Map<string, string>;
}

/** How a safetensors file is written. */
export interface SafetensorsOptions {
  readonly metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  /** Names of int32 or bool tensors to keep as U8, one byte for each value in 0..255. */
  readonly u8?: readonly string[];
}

const layouts: ReadonlyMap<unknown, Layout> = new Map<unknown, Layout>([
  ['F32', { dtype: 'float32', bytes: 4 }],
  ['F64', { dtype: 'float64', bytes: 8 }],
  ['I32', { dtype: 'int32', bytes: 4 }],
  ['BOOL', { dtype: 'bool', bytes: 1 }],
  ['U8', { dtype: 'int32', bytes: 1 }],
]);
const codes: Readonly<Record<DType, string>> = { float32: 'F32', float64: 'F64', int32: 'I32', bool: 'BOOL' };
const reserved = '__metadata__';
/** The reference implementation accepts no longer header, so none is written and none is parsed. */
const longestHeader = 100_000_000;

/**
 * Tensors as a safetensors file: float32 as F32, float64 as F64, int32 as I32, bool as BOOL. Equal inputs give equal bytes;
 * wide elements come first, so that every tensor's data is aligned.
 *
 * @throws DTypeError when a value is not a tensor, or one of `u8` is a float; DeviceError when a tensor has no values;
 * DomainError for a name that cannot be kept, metadata that is not text, a value outside 0..255 in `u8`, or a name in `u8`
 * that is no tensor's
 * @source the safetensors format, https://github.com/huggingface/safetensors
 */
export function writeSafetensors(tensors: NamedTensors, options: SafetensorsOptions = {}): Uint8Array {
  const op = 'writeSafetensors';
  if (typeof options !== 'object' || options === null)
    throw new DomainError(op, `options are an object, { metadata, u8 }, got ${String(options)}`);
  const header: [string, unknown][] = [];
  const metadata = metadataOf(op, pairsOf(op, options.metadata ?? {}));
  if (metadata.length > 0) header.push([reserved, Object.fromEntries(metadata)]);
  const { u8 = [] } = options;
  if (!Array.isArray(u8)) throw new DTypeError(op, `u8 is a list of names, got ${typeof u8}`);
  const parts = stored(op, writable(op, tensors), u8);
  let end = 0;
  for (const { name, dtype, t, bytes } of parts) {
    const begin = end;
    end += bytes.length;
    header.push([name, { dtype, shape: t.shape, data_offsets: [begin, end] }]);
  }
  const head = headerBytes(op, header);
  const file = new Uint8Array(8 + head.length + end);
  new DataView(file.buffer).setUint32(0, head.length, true);
  file.set(head, 8);
  let at = 8 + head.length;
  for (const { bytes } of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

interface Part {
  readonly name: string;
  readonly dtype: string;
  readonly t: Tensor;
  readonly bytes: Uint8Array;
}

function stored(op: string, tensors: readonly [string, Tensor][], u8: readonly string[]): Part[] {
  const narrow = new Set(u8);
  const parts = tensors.map(([name, t]): Part => {
    if (name === reserved) throw new DomainError(op, `'${reserved}' is the format's own: no tensor has that name`);
    if (!narrow.delete(name)) return { name, dtype: codes[t.dtype], t, bytes: elementBytes(t) };
    return { name, dtype: 'U8', t, bytes: unsigned(op, name, t) };
  });
  for (const name of narrow) throw new DomainError(op, `'${name}' in u8 is not the name of a tensor`);
  const width = ({ dtype }: Part): number => (layouts.get(dtype) as Layout).bytes;
  return parts.sort((a, b) => width(b) - width(a));
}

function unsigned(op: string, name: string, t: Tensor): Uint8Array {
  if (t.dtype !== 'int32' && t.dtype !== 'bool') throw new DTypeError(op, `'${name}' is ${t.dtype}: not kept as U8`);
  const odd = t.data.find((v) => v < 0 || v > 255);
  if (odd !== undefined) throw new DomainError(op, `'${name}' holds ${odd}, which U8 does not`);
  return Uint8Array.from(t.data);
}

/** The header as text, spaces at its end so that the data begins at a multiple of 8. Names keep their order. */
function headerBytes(op: string, members: readonly [string, unknown][]): Uint8Array {
  const text = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  const bytes = new TextEncoder().encode(`{${text}}`);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20);
  padded.set(bytes);
  if (padded.length > longestHeader) throw new DomainError(op, `a header of ${padded.length} bytes is too long`);
  return padded;
}

/**
 * Read a safetensors file: F32, F64, I32 and BOOL as their dtypes, U8 as int32. Values are copied bit for bit, wherever in
 * memory the file begins. Nothing of the file is trusted: its tensors must tile the data without gap or overlap.
 *
 * @throws DomainError saying what is wrong with the file; DTypeError when a tensor has another dtype (I64, F16, BF16, …)
 * @source the safetensors format, https://github.com/huggingface/safetensors
 */
export function readSafetensors(file: Bytes): Safetensors {
  const op = 'readSafetensors';
  const bytes = fileBytes(op, file);
  const { header, data } = split(op, bytes);
  const metadata = header[reserved];
  if (metadata !== undefined && !isObject(metadata)) throw new DomainError(op, `${reserved} is not an object`);
  const entries = Object.entries(header)
    .filter(([name]) => name !== reserved)
    .map(([name, entry]) => entryOf(op, name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkTiling(op, entries, data.length);
  const tensors = entries.map(({ name, shape, layout, begin, end }): [string, Tensor] => [
    name,
    fromBytes(op, `'${name}'`, shape, layout, data.subarray(begin, end)),
  ]);
  return { tensors: new Map(tensors), metadata: new Map(metadataOf(op, Object.entries(metadata ?? {}))) };
}

function split(op: string, bytes: Uint8Array): { header: Readonly<Record<string, unknown>>; data: Uint8Array } {
  if (bytes.length < 8) throw new DomainError(op, `a file of ${bytes.length} bytes has no header length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length > longestHeader) throw new DomainError(op, `a header of ${length} bytes is too long`);
  if (length > bytes.length - 8)
    throw new DomainError(op, `a header of ${length} bytes ends beyond the file's ${bytes.length}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
  } catch {
    throw new DomainError(op, 'the header is not UTF-8');
  }
  if (text[0] !== '{') throw new DomainError(op, "the header does not begin with '{'");
  return { header: parseObject(op, 'the header', text), data: bytes.subarray(8 + length) };
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly begin: number;
  readonly end: number;
}

function entryOf(op: string, name: string, entry: unknown): Entry {
  checkName(op, name);
  const what = `'${name}'`;
  if (!isObject(entry)) throw new DomainError(op, `${what} is not an object`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  for (const extra of Object.keys(rest)) throw new DomainError(op, `${what} has an unknown member '${extra}'`);
  const layout = layouts.get(dtype);
  if (layout === undefined) {
    if (typeof dtype !== 'string') throw new DomainError(op, `${what}: its dtype is not text`);
    throw new DTypeError(op, `${what} is ${dtype}; what can be read is ${[...layouts.keys()].join(', ')}`);
  }
  const size = bytesOfShape(op, what, shape, layout.bytes);
  const good =
    Array.isArray(offsets) && offsets.length === 2 && offsets.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!good) throw new DomainError(op, `${what}: data_offsets are two whole numbers >= 0`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== size)
    throw new DomainError(
      op,
      `${what}: offsets ${begin} to ${end} do not hold the ${size} bytes of [${shape}] ${dtype}`,
    );
  return { name, shape: shape as readonly number[], layout, begin, end };
}

/** Every byte of the data belongs to one tensor. */
function checkTiling(op: string, entries: readonly Entry[], length: number): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (end > length) throw new DomainError(op, `'${name}' ends at ${end}, out of the data's ${length} bytes`);
    if (begin < at) throw new DomainError(op, `'${name}' overlaps the tensor before it: ${begin} < ${at}`);
    if (begin > at) throw new DomainError(op, `bytes ${at} to ${begin}, before '${name}', belong to no tensor`);
    at = end;
  }
  if (at !== length) throw new DomainError(op, `bytes ${at} to ${length} of the data belong to no tensor`);
}

function metadataOf(op: string, pairs: readonly [string, unknown][]): [string, string][] {
  return pairs.map(([name, value]): [string, string] => {
    checkName(op, name);
    if (typeof value !== 'string' || /\p{Surrogate}/u.test(value))
      throw new DomainError(op, `metadata '${name}' is not well-formed text`);
    return [name, value];
  });
}
