import { gemmAt, gemmFlags, gemmScratch } from './gemm.ts';
import { type Room, reserveBytes, rewind, roomMark, theRoom } from './memory.ts';
import { usesSimd } from './settings.ts';

/** A float64 matrix, row-major, somewhere in an array. */
export interface Matrix64 {
  readonly data: Float64Array;
  /** Index of its first element. Default 0. */
  readonly at?: number;
  /** Elements from one stored row to the next. */
  readonly ld: number;
  /** Whether it is stored transposed. Default false; a result is not. */
  readonly trans?: boolean;
}

/**
 * C [m, n] = A [m, k]·B [k, n], or C += A·B: float64, for code on plain arrays. Arrays that are views of the SIMD memory are worked on
 * where they lie, others are copied in, and the result out. C overlaps neither A nor B.
 *
 * @returns false, nothing done, when SIMD kernels are off or there is no room
 */
export function multiply64(
  m: number,
  n: number,
  k: number,
  a: Matrix64,
  b: Matrix64,
  c: Matrix64,
  accumulate: boolean = false,
): boolean {
  if (!usesSimd()) return false;
  if (m === 0 || n === 0) return true;
  const room = theRoom() as Room;
  const mark = roomMark();
  const at = [
    placeOf(room, a, a.trans ? k : m, a.trans ? m : k, true),
    placeOf(room, b, b.trans ? n : k, b.trans ? k : n, true),
    placeOf(room, c, m, n, accumulate),
  ];
  const scratch = reserveBytes(gemmScratch('float64', m, n, k));
  const fits = scratch !== 0 && at.every(({ address }) => address !== 0);
  if (fits) {
    const flags =
      (a.trans ? gemmFlags.transA : 0) + (b.trans ? gemmFlags.transB : 0) + (accumulate ? gemmFlags.accumulate : 0);
    const [p, q, r] = at;
    gemmAt('float64', m, n, k, p.address, p.ld, q.address, q.ld, r.address, r.ld, flags, scratch);
    if (r.copied)
      for (let i = 0, from = r.address / 8, to = c.at ?? 0; i < m; i++, from += n, to += c.ld)
        c.data.set(room.float64.subarray(from, from + n), to);
  }
  rewind(mark);
  return fits;
}

interface Place64 {
  readonly address: number;
  readonly ld: number;
  readonly copied: boolean;
}

/** Where a matrix of these stored rows and columns lies in the memory, or a copy of it without gaps. */
function placeOf(room: Room, { data, at = 0, ld }: Matrix64, rows: number, columns: number, read: boolean): Place64 {
  if (data.buffer === room.memory.buffer) return { address: data.byteOffset + at * 8, ld, copied: false };
  const address = reserveBytes(Math.max(1, rows * columns) * 8);
  if (read && address !== 0) {
    if (ld === columns) room.float64.set(data.subarray(at, at + rows * columns), address / 8);
    else
      for (let i = 0; i < rows; i++)
        room.float64.set(data.subarray(at + i * ld, at + i * ld + columns), address / 8 + i * columns);
  }
  return { address, ld: columns, copied: true };
}
