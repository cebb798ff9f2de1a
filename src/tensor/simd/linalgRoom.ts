import type { Blas } from '../linalg/blas.ts';
import { multiply64 } from './gemm64.ts';
import { linalgFamily } from './linalg.ts';
import { type Room, reserveBytes, rewind, roomMark, theRoom } from './memory.ts';
import { usesSimd } from './settings.ts';

/** Loops over arrays that lie in the memory of the SIMD kernels. */
export interface LinalgRoom {
  readonly blas: Blas;
  /** What they throw when there is no room for another array. */
  readonly full: object;
  /** Takes the arrays back. */
  readonly close: () => void;
}

const addressOf = (x: Float64Array, i: number): number => x.byteOffset + 8 * i;

/** The loops of the factorisations in WebAssembly; null where SIMD is off. */
export function linalgRoom(): LinalgRoom | null {
  if (!usesSimd()) return null;
  const mark = roomMark();
  const full = {};
  return { blas: makeBlas(full), full, close: () => rewind(mark) };
}

function makeBlas(full: object): Blas {
  const [dot, addScaled, dotBlock, rotateBlock, rotateChain, update, updateTwice] = [
    'dot',
    'addScaled',
    'dotBlock',
    'rotateBlock',
    'rotateChain',
    'updateAndDot1',
    'updateAndDot2',
  ].map((name) => linalgFamily(name).run);
  const { float64 } = theRoom() as Room;
  return {
    array(length) {
      const from = reserveBytes(8 * length) / 8;
      if (from === 0) throw full;
      return float64.subarray(from, from + length).fill(0);
    },
    dot: (x, i, y, j, n) => dot(addressOf(x, i), addressOf(y, j), 8 * n) as number,
    addScaled(a, x, i, y, j, n) {
      addScaled(a, addressOf(x, i), addressOf(y, j), 8 * n);
    },
    dotBlock(x, [a, b, c, d], n, out) {
      const from = x.byteOffset;
      dotBlock(from + 8 * a, from + 8 * b, from + 8 * c, from + 8 * d, 8 * n, out.byteOffset);
    },
    rotateBlock(x, [a, b, c, d], n, turn) {
      const from = x.byteOffset;
      rotateBlock(from + 8 * a, from + 8 * b, from + 8 * c, from + 8 * d, 8 * n, turn.byteOffset);
    },
    rotateChain(rows, ld, n, count, turns) {
      rotateChain(addressOf(rows.data, rows.at), 8 * ld, 8 * n, count, addressOf(turns.data, turns.at));
    },
    updateAndDot({ data, at, ld, count }, n, [first, second], v, out) {
      const to = [v, out, first.w, first.u, ...(second ? [second.w, second.u] : [out, out])];
      const addresses = to.map((x) => addressOf(x.data, x.at));
      (second ? updateTwice : update)(addressOf(data, at), 8 * ld, 8 * n, ...addresses, count);
    },
    multiply(m, n, k, a, b, c, accumulate) {
      if (!multiply64(m, n, k, a, b, c, accumulate)) throw full;
    },
  };
}
