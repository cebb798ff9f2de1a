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
const heapAt = 1 << 16;
/** Kernels may read a little beyond the last buffer. */
const margin = 1 << 12;
/** Buffers begin at multiples of this, and own all bytes up to the next one. */
const alignment = 64;
const page = 1 << 16;
/** Pages to reserve: as many as are granted. Untouched pages cost no physical memory. */
const wishes = [1 << 14, 1 << 12, 1 << 10];

let room: Room | null | undefined;
/** Buffers of scopes lie between `heapAt` and `top`, pinned ones between `floor` and the end. */
let top = heapAt;
let floor = heapAt;
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
        floor = pages * page - margin;
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

/** Room for bytes until the next `rewind`; 0 when it is full, which is counted. */
export function reserveBytes(bytes: number): number {
  if (theRoom() === null) return 0;
  const next = top + aligned(bytes);
  if (next > floor) {
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
  const bytes = size * bytesOf(dtype);
  const address = reserveBytes(bytes);
  if (address === 0 || !room) return null;
  if (zero) room.bool.fill(0, address, address + bytes);
  return placeAt(room, address, dtype, size);
}

/** What is reserved from now on goes at `rewind`. */
export const roomMark = (): number => top;

/** Forget everything that was reserved since the mark. */
export function rewind(mark: number): void {
  top = mark;
}

/** Pinned stretches that were given back, and can be used again. */
const freed = new Map<number, number[]>();

/** Room for what a buffer holds, until `freePinned`; null when there is none. */
export function pinnedPlace({ data }: Storage): Place | null {
  const space = theRoom();
  if (data === null || space === null) return null;
  const bytes = aligned(data.byteLength);
  let address = freed.get(bytes)?.pop();
  if (address === undefined) {
    if (floor - bytes < top) {
      refused += 1;
      return null;
    }
    floor -= bytes;
    address = floor;
  }
  return placeAt(space, address, dtypeOf(data), data.length);
}

/** Give back what `pinnedPlace` gave. Stretches of the same size are used again; all of it is, when nothing is pinned any more. */
export function freePinned(address: number, bytes: number): void {
  const size = aligned(bytes);
  const list = freed.get(size);
  if (list === undefined) freed.set(size, [address]);
  else list.push(address);
  if (!room || pinnedBytes(room) > 0) return;
  freed.clear();
  floor = room.bytes - margin;
}

function pinnedBytes({ bytes }: Room): number {
  let free = 0;
  for (const [size, list] of freed) free += size * list.length;
  return bytes - margin - floor - free;
}

/** Bytes reserved, in use by scopes, most ever in use by them, taken by pinned tensors, and how often there was no room. */
export function roomUse(): {
  readonly bytes: number;
  readonly used: number;
  readonly peak: number;
  readonly pinned: number;
  readonly refused: number;
} {
  if (!room) return { bytes: 0, used: 0, peak: 0, pinned: 0, refused };
  return {
    bytes: room.bytes,
    used: top - heapAt,
    peak: Math.max(0, peak - heapAt),
    pinned: pinnedBytes(room),
    refused,
  };
}
