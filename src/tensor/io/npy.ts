import { permuteKernel } from '../cpu/layout.ts';
import { bytesOf, type DType } from '../dtype.ts';
import { DomainError, DTypeError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { type Bytes, bytesOfShape, elementBytes, fileBytes, fromBytes, type Layout, writable } from './bytes.ts';

const kinds: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ['f4', { dtype: 'float32', bytes: 4 }],
  ['f8', { dtype: 'float64', bytes: 8 }],
  ['i4', { dtype: 'int32', bytes: 4 }],
  ['b1', { dtype: 'bool', bytes: 1 }],
  ['u1', { dtype: 'int32', bytes: 1 }],
]);
const codes: Readonly<Record<DType, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', bool: '|b1' };
/** Room for shapes of any use, and nothing to make a reader slow. */
const longestHeader = 2 ** 20;
const magic: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * A tensor as a `.npy` file: float32 as `<f4`, float64 as `<f8`, int32 as `<i4`, bool as `|b1`; format version 1.0, or 2.0
 * when the shape is too long for it. `numpy.load` reads it.
 * @throws DTypeError when x is not a tensor; DeviceError when it has no values
 * @source NumPy enhancement proposal 1, https://numpy.org/neps/nep-0001-npy-format.html
 */
export function writeNpy(x: Tensor): Uint8Array {
  writable('writeNpy', { x });
  const shape = x.rank === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const text = `{'descr': '${codes[x.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // Magic, version and length are 10 bytes in version 1 and 12 in version 2; the data begins at a multiple of 64.
  const version = text.length + 64 < 2 ** 16 ? 1 : 2;
  const before = version === 1 ? 10 : 12;
  const start = Math.ceil((before + text.length + 1) / 64) * 64;
  const file = new Uint8Array(start + x.size * bytesOf(x.dtype));
  file.set([...magic, version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, start - before, true);
  else view.setUint32(8, start - before, true);
  file.set(new TextEncoder().encode(`${text.padEnd(start - before - 1)}\n`), before);
  file.set(elementBytes(x), start);
  return file;
}

/**
 * Read a `.npy` file of version 1, 2 or 3: `f4`, `f8`, `i4` of either byte order and `b1` as their dtypes, `u1` as int32.
 * Arrays in column-major (Fortran) order are put in row-major order.
 * @throws DomainError saying what is wrong with the file; DTypeError when it holds another dtype (i8, f2, objects, records, …)
 * @source NumPy enhancement proposal 1, https://numpy.org/neps/nep-0001-npy-format.html
 */
export function readNpy(file: Bytes): Tensor {
  return npy('readNpy', 'the file', fileBytes('readNpy', file));
}

/** `readNpy` under another name, for a file inside another. */
export function npy(op: string, what: string, bytes: Uint8Array): Tensor {
  const { text, start } = headerOf(op, what, bytes);
  const { descr, fortran, shape } = fields(op, what, text);
  const order = descr[0];
  const kind = kinds.get(descr.slice(1));
  // '|' and '=' say nothing of the byte order: fit for single bytes, and never written by NumPy for more.
  if (kind === undefined || !('<>|'.includes(order) && (kind.bytes === 1 || order !== '|')))
    throw new DTypeError(op, `${what} holds '${descr}'; what can be read is ${[...kinds.keys()].join(', ')}`);
  const size = bytesOfShape(op, what, shape, kind.bytes);
  if (bytes.length - start !== size)
    throw new DomainError(
      op,
      `${what} has ${bytes.length - start} bytes of data where [${shape}] '${descr}' has ${size}`,
    );
  const layout = { ...kind, littleEndian: order !== '>' };
  if (!fortran) return fromBytes(op, what, shape, layout, bytes.subarray(start));
  const columns = fromBytes(op, what, shape.toReversed(), layout, bytes.subarray(start));
  return permuteKernel(
    [columns],
    shape.map((_, i) => shape.length - 1 - i),
  );
}

function headerOf(op: string, what: string, bytes: Uint8Array): { readonly text: string; readonly start: number } {
  if (bytes.length < 12 || magic.some((b, i) => bytes[i] !== b))
    throw new DomainError(op, `${what} is not a .npy file`);
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0)
    throw new DomainError(op, `${what} has format version ${major}.${minor}; 1.0, 2.0 and 3.0 are known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const before = major === 1 ? 10 : 12;
  const start = before + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start - before > longestHeader)
    throw new DomainError(op, `${what}: a header of ${start - before} bytes is too long`);
  if (start > bytes.length) throw new DomainError(op, `${what}: its header ends beyond its ${bytes.length} bytes`);
  const header = bytes.subarray(before, start);
  if (header.some((b) => b > 0x7e))
    throw new DTypeError(op, `${what}: field names are not ASCII: records cannot be read`);
  return { text: new TextDecoder().decode(header), start };
}

interface Fields {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** A Python dict with exactly these three members, in any order. */
const members: readonly [name: string, value: RegExp][] = [
  ['descr', /^(?:'([^'\\]*)'|"([^"\\]*)")/],
  ['fortran_order', /^(True|False)/],
  ['shape', /^\(\s*((?:\d+\s*,\s*)*(?:\d+\s*)?)\)/],
];

function fields(op: string, what: string, text: string): Fields {
  const bad = (): DomainError =>
    new DomainError(op, `${what}: its header is not a dict of descr, fortran_order and shape`);
  const found = new Map<string, string>();
  let rest = text.trim();
  if (!rest.startsWith('{') || !rest.endsWith('}')) throw bad();
  rest = rest.slice(1, -1).trim();
  while (rest !== '') {
    const [key, name] = /^['"](\w+)['"]\s*:\s*/.exec(rest) ?? [];
    const [, pattern] = members.find(([known]) => known === name) ?? [];
    if (key === undefined || name === undefined || pattern === undefined || found.has(name)) throw bad();
    rest = rest.slice(key.length);
    if (name === 'descr' && rest.startsWith('['))
      throw new DTypeError(op, `${what} holds records, which cannot be read`);
    const value = pattern.exec(rest);
    if (value === null) throw bad();
    found.set(name, value[1] ?? value[2]);
    rest = rest.slice(value[0].length).trimStart();
    if (rest !== '' && !rest.startsWith(',')) throw bad();
    rest = rest.slice(1).trimStart();
  }
  const [descr, fortran, sizes] = members.map(([name]) => found.get(name));
  if (descr === undefined || fortran === undefined || sizes === undefined) throw bad();
  // `(3)` is a number to Python; only `(3,)` is a shape.
  if (/^\d+\s*$/.test(sizes)) throw bad();
  const shape = sizes.split(',').map((n) => n.trim());
  return { descr, fortran: fortran === 'True', shape: shape.filter((n) => n !== '').map(Number) };
}
