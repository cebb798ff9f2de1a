import { DomainError } from '../errors.ts';
import { dot, dotBlock, rotate, rotateBlock } from './kernels.ts';
import { TINY } from './scale.ts';

/** Vectors are visited in tiles of this many, so that those at work stay in the second-level cache. */
const TILE = 16;

/** Random matrices of size 512 take 9 sweeps; a bound so far off is met only by a defect. */
const MAX_SWEEPS = 60;

/** The vectors that one-sided Jacobi turns, and what it knows of them. */
interface Sweep {
  readonly x: Float64Array;
  /** Vectors; even. */
  readonly count: number;
  /** Entries that count in dot products; even. */
  readonly size: number;
  /** Entries that turn: row distance. */
  readonly stride: number;
  /** Squared lengths, exact at the start of a sweep, updated by formula after each turn. */
  readonly squares: Float64Array;
  readonly lengths: Float64Array;
  /** A pair whose cosine is beyond this is turned. */
  readonly tolerance: number;
  /** Whether a cosine beyond 4 tolerances was met. */
  loud: boolean;
  readonly dots: Float64Array;
  readonly turn: Float64Array;
}

/**
 * One-sided Jacobi: turns the rows of `x`, two at a time, until the leading `size` entries of all rows are orthogonal;
 * then the lengths of the rows are the singular values. What follows the leading entries (to `stride`) turns along: an
 * identity there ends as the product of the rotations. Longer rows move to the front; rows not longer than `TINY`
 * become zero. A pair is turned when |cos| > eps·max(4, √size), and the sweep that finds no |cos| beyond four times
 * that is the last: what it turned leaves the cosines within the same bound.
 *
 * Works on 2×2 blocks of rows: six dot products in one pass, four rotations in a second. A block's later two angles
 * come from updated dot products, which at worst makes a turn less apt; what decides convergence is always computed
 * afresh. Every turn is a rotation of two vectors, so each vector's error stays relative to its own length: graded
 * columns keep their small singular values.
 * @param count rows, even (a zero row pads); `size` and `stride` are even too.
 * @returns how many sweeps it took.
 * @throws DomainError after 60 sweeps without convergence, naming `op`.
 * @source Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958; de Rijk, "A one-sided
 * Jacobi algorithm for computing the singular value decomposition on a vector computer", 1989; Demmel & Veselić,
 * "Jacobi's method is more accurate than QR", 1992.
 */
export function orthogonaliseRows(op: string, x: Float64Array, count: number, size: number, stride: number): number {
  const work: Sweep = {
    x,
    count,
    size,
    stride,
    squares: new Float64Array(count),
    lengths: new Float64Array(count),
    tolerance: Number.EPSILON * Math.max(4, Math.sqrt(size)),
    loud: true,
    dots: new Float64Array(6),
    turn: new Float64Array(8),
  };
  let sweeps = 0;
  for (; work.loud; sweeps++) {
    if (sweeps === MAX_SWEEPS) throw new DomainError(op, `no convergence after ${MAX_SWEEPS} sweeps`, [[count, size]]);
    work.loud = false;
    for (let p = 0; p < count; p++) measure(work, p);
    for (let from = 0; from < count; from += TILE) {
      const end = Math.min(from + TILE, count);
      for (let p = from; p < end; p += 2) turnPair(work, p, p + 1);
      for (let to = from; to < count; to += TILE) {
        const stop = Math.min(to + TILE, count);
        for (let p = from; p < end; p += 2) for (let q = Math.max(p + 2, to); q < stop; q += 2) turnBlock(work, p, q);
      }
    }
  }
  return sweeps;
}

/** Computes the length of row p afresh; a row that carries nothing becomes zero and is never turned again. */
function measure(work: Sweep, p: number): void {
  const { x, size, stride } = work;
  const square = dot(x, p * stride, x, p * stride, size);
  const length = Math.sqrt(square);
  const zero = length <= TINY;
  if (zero) x.fill(0, p * stride, p * stride + size);
  work.squares[p] = zero ? 0 : square;
  work.lengths[p] = zero ? 0 : length;
}

/** Makes rows p and q orthogonal. */
function turnPair(work: Sweep, p: number, q: number): void {
  const { x, size, stride, turn } = work;
  const product = dot(x, p * stride, x, q * stride, size);
  if (!listen(work, p, q, product)) return;
  aim(work, p, q, product, 0);
  rotate(x, p * stride, q * stride, stride, turn[0] as number, turn[1] as number);
}

/** Turns the pairs (p, q), (p+1, q+1), then (p, q+1), (p+1, q), in one pass over the four rows. */
function turnBlock(work: Sweep, p: number, q: number): void {
  const { x, size, stride, dots, turn } = work;
  const a = p * stride;
  const c = q * stride;
  dotBlock(x, a, a + stride, c, c + stride, size, dots);
  const ac = dots[0] as number;
  const bd = dots[1] as number;
  const ad = dots[2] as number;
  const bc = dots[3] as number;
  const first = listen(work, p, q, ac);
  const second = listen(work, p + 1, q + 1, bd);
  const third = listen(work, p, q + 1, ad);
  const fourth = listen(work, p + 1, q, bc);
  if (!(first || second || third || fourth)) return;
  aim(work, p, q, ac, 0);
  aim(work, p + 1, q + 1, bd, 2);
  const c1 = turn[0] as number;
  const s1 = turn[1] as number;
  const c2 = turn[2] as number;
  const s2 = turn[3] as number;
  const ab = dots[4] as number;
  const cd = dots[5] as number;
  aim(work, p, q + 1, c1 * s2 * ab + c1 * c2 * ad - s1 * s2 * bc - s1 * c2 * cd, 4);
  aim(work, p + 1, q, c2 * s1 * ab + c1 * c2 * bc - s1 * s2 * ad - c1 * s2 * cd, 6);
  rotateBlock(x, a, a + stride, c, c + stride, stride, turn);
}

/** Whether rows p and q, of the given dot product, need a turn. Zero rows do not. */
function listen(work: Sweep, p: number, q: number, product: number): boolean {
  const bound = work.tolerance * (work.lengths[p] as number) * (work.lengths[q] as number);
  const size = Math.abs(product);
  if (size > 4 * bound) work.loud = true;
  return size > bound;
}

/**
 * Writes to turn[at], turn[at + 1] the cosine and sine that make rows p and q orthogonal and p the longer one, and
 * updates their lengths: tan θ is the smaller root of t² + 2·ζ·t − 1, ζ = (|q|² − |p|²)/(2·p·q). A pair within the
 * tolerance gets the identity.
 */
function aim(work: Sweep, p: number, q: number, product: number, at: number): void {
  const { squares, lengths, turn } = work;
  const bound = work.tolerance * (lengths[p] as number) * (lengths[q] as number);
  turn[at] = 1;
  turn[at + 1] = 0;
  if (!(Math.abs(product) > bound)) return;
  const a = squares[p] as number;
  const b = squares[q] as number;
  const zeta = (b - a) / (2 * product);
  const size = Math.abs(zeta);
  // Beyond 2^27 the root is 1/(2ζ) to the last digit, and ζ² could overflow.
  const root = size > 134217728 ? 0.5 / size : 1 / (size + Math.sqrt(1 + zeta * zeta));
  const t = zeta < 0 ? -root : root;
  const cosine = 1 / Math.sqrt(1 + t * t);
  const sine = cosine * t;
  // Rounding may take a square below zero when the rows were all but parallel; the next sweep measures afresh.
  const lessened = Math.max(0, a - t * product);
  const grown = Math.max(0, b + t * product);
  const exchange = lessened < grown;
  turn[at] = exchange ? sine : cosine;
  turn[at + 1] = exchange ? -cosine : sine;
  squares[p] = exchange ? grown : lessened;
  squares[q] = exchange ? lessened : grown;
  lengths[p] = Math.sqrt(squares[p] as number);
  lengths[q] = Math.sqrt(squares[q] as number);
}
