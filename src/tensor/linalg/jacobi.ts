import { DomainError } from '../errors.ts';
import type { Blas } from './blas.ts';
import { TINY } from './scale.ts';

/** Rows are visited in tiles of this many, whose dot products are computed together. */
const tile = 32;

/** Rows that were not prepared take about 10 sweeps; a bound so far off is met only by a defect. */
const maxSweeps = 60;

/** The vectors that one-sided Jacobi turns, and what it knows of them. */
interface Sweep {
  readonly blas: Blas;
  readonly x: Float64Array;
  /** Vectors; even. */
  readonly count: number;
  /** Entries that count in dot products. */
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
  /** The number of the sweep, and for each tile that of the last one which turned any of its rows. */
  sweep: number;
  readonly turned: Int32Array;
  readonly gram: Float64Array;
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
 * A matrix product gives the dot products of two tiles of rows; two tiles that were not turned since are left out. Where one calls
 * for a turn, its 2×2 block of rows is turned: six dot products in one pass, four rotations in a second. A block's later two
 * angles come from updated dot products, which at worst makes a turn less apt; the sweep after it measures afresh. Every turn is a
 * rotation of two vectors, so each vector's error stays relative to its own length: graded columns keep their small singular
 * values.
 * @param x an array of `blas`
 * @param count rows, even (a zero row pads); `size` and `stride` are multiples of 8.
 * @returns how many sweeps it took.
 * @throws DomainError after 60 sweeps without convergence, naming `op`.
 * @source Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958; de Rijk, "A one-sided
 * Jacobi algorithm for computing the singular value decomposition on a vector computer", 1989; Demmel & Veselić,
 * "Jacobi's method is more accurate than QR", 1992.
 */
export function orthogonaliseRows(
  blas: Blas,
  op: string,
  x: Float64Array,
  count: number,
  size: number,
  stride: number,
): number {
  const work: Sweep = {
    blas,
    x,
    count,
    size,
    stride,
    squares: new Float64Array(count),
    lengths: new Float64Array(count),
    tolerance: Number.EPSILON * Math.max(4, Math.sqrt(size)),
    loud: true,
    sweep: 0,
    turned: new Int32Array(Math.ceil(count / tile)),
    gram: blas.array(tile * tile),
    dots: blas.array(8),
    turn: blas.array(8),
  };
  while (work.loud) {
    if (work.sweep === maxSweeps)
      throw new DomainError(op, `no convergence after ${maxSweeps} sweeps`, [[count, size]]);
    work.loud = false;
    work.sweep++;
    for (let p = 0; p < count; p++) measure(work, p);
    for (let i = 0; i < work.turned.length; i++) for (let j = i; j < work.turned.length; j++) turnTiles(work, i, j);
  }
  return work.sweep;
}

/** Computes the length of row p afresh; a row that carries nothing becomes zero and is never turned again. */
function measure({ blas, x, size, stride, squares, lengths }: Sweep, p: number): void {
  const square = blas.dot(x, p * stride, x, p * stride, size);
  const length = Math.sqrt(square);
  const zero = length <= TINY;
  if (zero) x.fill(0, p * stride, p * stride + size);
  squares[p] = zero ? 0 : square;
  lengths[p] = zero ? 0 : length;
}

/** Makes the rows of tiles i and j orthogonal to each other; where they are one tile, among themselves. */
function turnTiles(work: Sweep, i: number, j: number): void {
  const { blas, x, count, size, stride, gram, turned, sweep } = work;
  if (turned[i] < sweep - 1 && turned[j] < sweep - 1) return;
  const [from, to] = [i * tile, j * tile];
  const rows = Math.min(tile, count - from);
  const columns = Math.min(tile, count - to);
  const a = { data: x, at: from * stride, ld: stride };
  const b = { data: x, at: to * stride, ld: stride, trans: true };
  blas.multiply(rows, columns, size, a, b, { data: gram, ld: tile });
  if (i === j)
    for (let p = 0; p < rows; p += 2)
      if (listen(work, from + p, from + p + 1, gram[p * tile + p + 1])) turnPair(work, from + p);
  for (let p = 0; p < rows; p += 2)
    for (let q = i === j ? p + 2 : 0; q < columns; q += 2)
      if (calls(work, from + p, to + q, p * tile + q)) turnBlock(work, from + p, to + q);
}

/** Whether one of the pairs in the 2×2 block of rows p and q, whose dot products begin at `at`, needs a turn. */
function calls(work: Sweep, p: number, q: number, at: number): boolean {
  const { gram } = work;
  return (
    listen(work, p, q, gram[at]) ||
    listen(work, p, q + 1, gram[at + 1]) ||
    listen(work, p + 1, q, gram[at + tile]) ||
    listen(work, p + 1, q + 1, gram[at + tile + 1])
  );
}

/** Makes rows p and p + 1 orthogonal. */
function turnPair(work: Sweep, p: number): void {
  const { blas, x, size, stride, turn } = work;
  const product = blas.dot(x, p * stride, x, (p + 1) * stride, size);
  aim(work, p, p + 1, product, 0);
  note(work, p);
  blas.rotateChain({ data: x, at: p * stride }, stride, stride, 1, { data: turn, at: 0 });
}

/** Turns the pairs (p, q), (p+1, q+1), then (p, q+1), (p+1, q), in one pass over the four rows. */
function turnBlock(work: Sweep, p: number, q: number): void {
  const { blas, x, size, stride, dots, turn } = work;
  const rows = [p * stride, (p + 1) * stride, q * stride, (q + 1) * stride] as const;
  blas.dotBlock(x, rows, size, dots);
  const ac = dots[0];
  const bd = dots[1];
  const ad = dots[2];
  const bc = dots[3];
  const ab = dots[4];
  const cd = dots[5];
  const first = listen(work, p, q, ac);
  const second = listen(work, p + 1, q + 1, bd);
  const third = listen(work, p, q + 1, ad);
  const fourth = listen(work, p + 1, q, bc);
  if (!(first || second || third || fourth)) return;
  note(work, p);
  note(work, q);
  aim(work, p, q, ac, 0);
  aim(work, p + 1, q + 1, bd, 2);
  const c1 = turn[0];
  const s1 = turn[1];
  const c2 = turn[2];
  const s2 = turn[3];
  aim(work, p, q + 1, c1 * s2 * ab + c1 * c2 * ad - s1 * s2 * bc - s1 * c2 * cd, 4);
  aim(work, p + 1, q, c2 * s1 * ab + c1 * c2 * bc - s1 * s2 * ad - c1 * s2 * cd, 6);
  blas.rotateBlock(x, rows, stride, turn);
}

/** Row p is turned. */
function note({ turned, sweep }: Sweep, p: number): void {
  turned[Math.floor(p / tile)] = sweep;
}

/** Whether rows p and q, of the given dot product, need a turn. Zero rows do not. */
function listen(work: Sweep, p: number, q: number, product: number): boolean {
  const bound = work.tolerance * work.lengths[p] * work.lengths[q];
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
  const bound = work.tolerance * lengths[p] * lengths[q];
  turn[at] = 1;
  turn[at + 1] = 0;
  if (!(Math.abs(product) > bound)) return;
  const a = squares[p];
  const b = squares[q];
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
  lengths[p] = Math.sqrt(squares[p]);
  lengths[q] = Math.sqrt(squares[q]);
}
