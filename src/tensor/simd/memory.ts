import { bytesOf, type Data, type DType, dtypeOf } from '../dtype.ts';
import type { Place, Storage } from '../storage.ts';
import { type Memory, makeMemory } from './engine.ts';

/** The memory that all SIMD kernels share, seen as arrays of each dtype. Reserved once: growing it would detach every view. */
export interface Room {
  readonly memory: Memory;
  /** Whether workers can see it too. */
  readonly shared: boolean;
  readonly bytes: number;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** First bytes: constants of the kernels, then what workers are told. Addresses below are never those of a buffer. */
export const constantsAt = 64;
export const controlAt: number = 1 << 15;
export const heapAt: number = 1 << 16;
/** Last bytes: the modules that workers load. Kernels may read a little beyond the last buffer. */
export const codeBytes: number = 1 << 18;
/** Buffers begin at multiples of this, and own all bytes up to the next one. */
const alignment = 64;
const page = 1 << 16;
/** Pages to reserve: as many as are granted. Untouched pages cost no physical memory. */
const wishes = [1 << 14, 1 << 12, 1 << 10];

let room: Room | null | undefined;
/** Buffers of scopes lie between `heapAt` and `top`, pinned ones between `floor` and the end. */
let top = heapAt;
let floor = heapAt;
/** Room between them that is left for copies of operands, so that kernels go on when tensors find no more. */
let spare = 0;
let refused = 0;
let peak = 0;

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** The memory; null where there can be none. Reserved when it is first asked for. */
export function theRoom(): Room | null {
  room ??= makeRoom();
  return room;
}

function makeRoom(): Room | null {
  for (const pages of wishes)
    for (const shared of [true, false])
      try {
        const memory = makeMemory(pages, shared);
        const buffer = memory.buffer as ArrayBuffer;
        floor = pages * page - codeBytes;
        spare = (pages * page) >> 4;
        return {
          memory,
          shared,
          bytes: buffer.byteLength,
          float32: new Float32Array(buffer),
          float64: new Float64Array(buffer),
          int32: new Int32Array(buffer),
          bool: new Uint8Array(buffer),
        };
      } catch {
        // Less, or without workers, may still be granted.
      }
  return null;
}

const views = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** The elements at an address. */
const placeAt = ({ memory }: Room, address: number, dtype: DType, size: number): Place => ({
  data: new views[dtype](memory.buffer as ArrayBuffer, address, size) as Data,
  address,
});

/** Room for bytes until the next `rewind`, `left` being left; 0 when it is full, which is counted. */
export function reserveBytes(bytes: number, left: number = 0): number {
  if (theRoom() === null) return 0;
  const next = top + aligned(bytes);
  if (next > floor - left) {
    refused += 1;
    return 0;
  }
  const address = top;
  top = next;
  if (top > peak) peak = top;
  return address;
}

/** Room for the elements of a tensor, until the next `rewind`; null when it is full. */
export function reserve(dtype: DType, size: number, zero: boolean): Place | null {
  const space = theRoom();
  if (space === null) return null;
  const bytes = size * bytesOf(dtype);
  const address = reserveBytes(bytes, spare);
  if (address === 0) return null;
  // In shared memory `fill` takes as long for a byte as for an element of eight.
  if (zero) space.float64.fill(0, address / 8, Math.ceil((address + bytes) / 8));
  return placeAt(space, address, dtype, size);
}

/** What is reserved from now on goes at `rewind`. */
export const roomMark = (): number => top;

/** Forget everything that was reserved since the mark. */
export function rewind(mark: number): void {
  top = mark;
}

/** Stretches between `floor` and the end that were given back: their bytes, by address. No two touch. */
const freed = new Map<number, number>();

/** Bytes that a pinned buffer takes. */
const pinnedSize = (bytes: number): number => aligned(Math.max(1, bytes));

/** Room for what a buffer holds, until `freePinned`; null when there is none. */
export function pinnedPlace({ data }: Storage): Place | null {
  const space = theRoom();
  if (data === null || space === null) return null;
  const bytes = pinnedSize(data.byteLength);
  let address = 0;
  for (const [at, size] of freed)
    if (size >= bytes && (address === 0 || size < (freed.get(address) as number))) address = at;
  if (address !== 0) {
    const rest = (freed.get(address) as number) - bytes;
    freed.delete(address);
    if (rest > 0) freed.set(address + bytes, rest);
  } else if (floor - bytes < top + spare) {
    refused += 1;
    return null;
  } else {
    floor -= bytes;
    address = floor;
  }
  return placeAt(space, address, dtypeOf(data), data.length);
}

/** Give back what `pinnedPlace` gave for so many bytes. */
export function freePinned(address: number, bytes: number): void {
  let from = address;
  let size = pinnedSize(bytes);
  for (const [at, other] of freed)
    if (at === from + size || at + other === from) {
      freed.delete(at);
      from = Math.min(from, at);
      size += other;
    }
  if (from === floor) floor += size;
  else freed.set(from, size);
}

function pinnedBytes({ bytes }: Room): number {
  let free = 0;
  for (const size of freed.values()) free += size;
  return bytes - codeBytes - floor - free;
}

/** How the memory is used, in bytes. All 0 as long as none is reserved. */
export interface RoomUse {
  /** Reserved in all: address space, of which what was ever touched takes physical memory. */
  readonly bytes: number;
  /** In use by open scopes. */
  readonly used: number;
  /** Most that scopes ever used. */
  readonly peak: number;
  /** Taken by pinned tensors. */
  readonly pinned: number;
  /** Left, in one piece. A sixteenth of `bytes` is kept from tensors: kernels copy there what lies elsewhere. */
  readonly free: number;
  /** How often something found no room. */
  readonly refused: number;
}

/** How the memory is used now. */
export function roomUse(): RoomUse {
  if (!room) return { bytes: 0, used: 0, peak: 0, pinned: 0, free: 0, refused };
  return {
    bytes: room.bytes,
    used: top - heapAt,
    peak: Math.max(0, peak - heapAt),
    pinned: pinnedBytes(room),
    free: floor - top,
    refused,
  };
}
