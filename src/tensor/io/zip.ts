import { DomainError } from '../errors.ts';

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const localMagic = 0x04034b50;
const centralMagic = 0x02014b50;
const endMagic = 0x06054b50;
/** 1 January 1980, the first day that the format knows: equal contents give equal archives. */
const firstDay = 0x21;
const utf8Names = 0x800;
const largest = 2 ** 32 - 2;
/** A byte of deflated data stands for no more than this many. */
const deflateLimit = 1032;

const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of ISO 3309, as zip keeps it. */
export function crc32(bytes: Uint8Array): number {
  let c = ~0;
  for (let i = 0; i < bytes.length; i++) c = crcTable[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

/**
 * A zip archive of entries as they are, not compressed.
 * @throws DomainError naming `op` when it would need more than the 32-bit sizes of the plain format
 */
export function writeZip(op: string, entries: readonly ZipEntry[]): Uint8Array {
  const named = entries.map(({ name, bytes }) => ({ bytes, name: new TextEncoder().encode(name), crc: crc32(bytes) }));
  const sum = (each: number, data: boolean): number =>
    named.reduce((n, e) => n + each + e.name.length + (data ? e.bytes.length : 0), 0);
  const directory = sum(30, true);
  const total = directory + sum(46, false) + 22;
  if (total > largest || entries.length >= 0xffff || named.some((e) => e.name.length > 0xffff))
    throw new DomainError(op, `${entries.length} entries in ${total} bytes are too much for a plain zip archive`);
  const file = new Uint8Array(total);
  const view = new DataView(file.buffer);
  let at = 0;
  let index = directory;
  for (const { name, bytes, crc } of named) {
    view.setUint32(index, centralMagic, true);
    view.setUint16(index + 4, 20, true);
    view.setUint32(index + 42, at, true);
    view.setUint32(at, localMagic, true);
    for (const head of [at + 4, index + 6]) {
      view.setUint16(head, 20, true);
      view.setUint16(head + 2, utf8Names, true);
      view.setUint16(head + 8, firstDay, true);
      view.setUint32(head + 10, crc, true);
      view.setUint32(head + 14, bytes.length, true);
      view.setUint32(head + 18, bytes.length, true);
      view.setUint16(head + 22, name.length, true);
    }
    file.set(name, at + 30);
    file.set(bytes, at + 30 + name.length);
    file.set(name, index + 46);
    at += 30 + name.length + bytes.length;
    index += 46 + name.length;
  }
  view.setUint32(index, endMagic, true);
  view.setUint16(index + 8, named.length, true);
  view.setUint16(index + 10, named.length, true);
  view.setUint32(index + 12, index - directory, true);
  view.setUint32(index + 16, directory, true);
  return file;
}

/**
 * Every entry of a zip archive, stored or deflated, checked against its checksum.
 * @throws DomainError naming `op` and saying what is wrong: no or several directories, entries that overlap or repeat,
 * encryption, zip64, another compression, sizes or checksums that do not agree
 */
export async function readZip(op: string, bytes: Uint8Array): Promise<ZipEntry[]> {
  const entries = directoryOf(op, bytes);
  const out: ZipEntry[] = [];
  for (const entry of entries) {
    const packed = bytes.subarray(entry.begin, entry.end);
    const data = entry.method === 0 ? packed : await inflate(op, entry, packed);
    if (data.length !== entry.size)
      throw new DomainError(op, `'${entry.name}' is not of the ${entry.size} bytes it says`);
    if (crc32(data) !== entry.crc) throw new DomainError(op, `'${entry.name}' does not agree with its checksum`);
    out.push({ name: entry.name, bytes: data });
  }
  return out;
}

interface Found {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  /** Where the whole entry, header included, and where its data begins and ends. */
  readonly from: number;
  readonly begin: number;
  readonly end: number;
}

function directoryOf(op: string, bytes: Uint8Array): Found[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = endRecord(op, view);
  const count = view.getUint16(last + 10, true);
  const size = view.getUint32(last + 12, true);
  const start = view.getUint32(last + 16, true);
  if (view.getUint32(last + 4, true) !== 0 || view.getUint16(last + 8, true) !== count)
    throw new DomainError(op, 'the archive is one of several volumes');
  if (count === 0xffff || size === 2 ** 32 - 1 || start === 2 ** 32 - 1)
    throw new DomainError(op, 'zip64 archives, of more than 4 GiB or 65534 entries, cannot be read');
  if (start + size !== last) throw new DomainError(op, 'the directory of the archive is not where it says');
  const found: Found[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > last || view.getUint32(at, true) !== centralMagic)
      throw new DomainError(op, `entry ${i} is not in the directory of the archive`);
    const next = at + 46 + [28, 30, 32].reduce((n, field) => n + view.getUint16(at + field, true), 0);
    if (next > last) throw new DomainError(op, `entry ${i} ends beyond the directory of the archive`);
    found.push(entryAt(op, bytes, view, at, start));
    at = next;
  }
  if (at !== last) throw new DomainError(op, 'the directory of the archive holds more than its entries');
  checkApart(op, found);
  return found;
}

/** Where the end record begins: the last place whose comment reaches to the end of the file. */
function endRecord(op: string, view: DataView): number {
  const length = view.byteLength;
  for (let at = length - 22; at >= 0 && at >= length - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === endMagic && at + 22 + view.getUint16(at + 20, true) === length) return at;
  throw new DomainError(op, 'the file is not a zip archive, or is cut off');
}

function entryAt(op: string, bytes: Uint8Array, view: DataView, at: number, directory: number): Found {
  const name = nameOf(op, bytes.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [crc, packed, size, from] = [16, 20, 24, 42].map((field) => view.getUint32(at + field, true));
  if ((flags & 1) !== 0) throw new DomainError(op, `'${name}' is encrypted`);
  if (method !== 0 && method !== 8) throw new DomainError(op, `'${name}' is compressed by method ${method}`);
  if (packed === 2 ** 32 - 1 || size === 2 ** 32 - 1 || from === 2 ** 32 - 1)
    throw new DomainError(op, `'${name}' needs zip64, which cannot be read`);
  if (from + 30 > directory || view.getUint32(from, true) !== localMagic)
    throw new DomainError(op, `'${name}' is not where the directory says`);
  const begin = from + 30 + view.getUint16(from + 26, true) + view.getUint16(from + 28, true);
  if (begin + packed > directory) throw new DomainError(op, `'${name}' ends beyond the entries of the archive`);
  if (nameOf(op, bytes.subarray(from + 30, from + 30 + view.getUint16(from + 26, true))) !== name)
    throw new DomainError(op, `'${name}' has another name in its own header`);
  if (method === 0 ? packed !== size : size > packed * deflateLimit)
    throw new DomainError(op, `'${name}' cannot be ${size} bytes, from ${packed}`);
  return { name, method, crc, size, from, begin, end: begin + packed };
}

function nameOf(op: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DomainError(op, 'the name of an entry is not UTF-8');
  }
}

/** Entries that share bytes multiply what a small file unpacks to; entries that share a name hide each other. */
function checkApart(op: string, found: readonly Found[]): void {
  const names = new Set<string>();
  let end = 0;
  for (const entry of [...found].sort((a, b) => a.from - b.from)) {
    if (entry.from < end) throw new DomainError(op, `'${entry.name}' overlaps another entry`);
    if (names.has(entry.name)) throw new DomainError(op, `'${entry.name}' is there twice`);
    names.add(entry.name);
    ({ end } = entry);
  }
}

/** Undo DEFLATE, giving up as soon as there is more than the entry says. */
async function inflate(op: string, { name, size }: Found, packed: Uint8Array): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  let filled = 0;
  const copy = new Uint8Array(packed);
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(copy);
      controller.close();
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (filled + part.value.length > size) break;
      out.set(part.value, filled);
      filled += part.value.length;
    }
  } catch {
    throw new DomainError(op, `'${name}' is not deflated data`);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (filled !== size) throw new DomainError(op, `'${name}' does not unpack to the ${size} bytes it says`);
  return out;
}
