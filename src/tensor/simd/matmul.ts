import type { MatmulAttrs } from '../cpu/matmul.ts';
import { isFloat } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import { type GemmType, gemmEntry, gemmFlags, gemmScratch } from './gemm.ts';
import { launch, type Share } from './launch.ts';
import { matvecEntry } from './matvec.ts';
import { overlay } from './overlay.ts';

/** Products of pairs of matrices, the results one after the other. */
interface Products {
  readonly c: Tensor;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly type: GemmType;
  readonly count: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** Elements from one matrix to the next; 0 where there is but one. */
  readonly aStep: number;
  readonly bStep: number;
}

/** Products of elements in a nanosecond, about. */
const speed = { float32: 22, float64: 11 } as const;
/** Fewer products are as fast in a plain loop. */
const fewest = 1 << 10;
/** Pairs of more elements are computed one by one, each divided among the threads. */
const large = 1 << 15;

/**
 * matmul for float32 and float64. Products are summed in that type, in the order of k (a matrix times a vector: in eight, float64 four,
 * sums that are added at the end). Of Σ|a·b| the error is at most 2⁻²³·√k, float64 2⁻⁵²·√k, unless all roundings conspire.
 */
export function layMatmul(): void {
  overlay<readonly [Tensor, Tensor], MatmulAttrs, readonly [Tensor]>('matmul', {
    accepts([a, b], { transA, transB }) {
      const m = a.shape[a.rank - (transA ? 1 : 2)];
      const n = b.shape[b.rank - (transB ? 2 : 1)];
      return isFloat(a.dtype) && a.dtype === b.dtype && Math.max(a.size * n, b.size * m) >= fewest;
    },
    run: ([c], [a, b], attrs) => c.size === 0 || products(c, a, b, attrs),
  });
}

/** All products of a broadcast batch. Where one operand repeats along some axes only, the leading axis is taken apart. */
function products(c: Tensor, a: Tensor, b: Tensor, attrs: MatmulAttrs): boolean {
  const { rank, shape } = c;
  const m = shape[rank - 2];
  const n = shape[rank - 1];
  const k = a.shape[a.rank - (attrs.transA === true ? 2 : 1)];
  const count = rank === 2 ? 1 : c.size / (m * n);
  const aStep = stepOf(a, m * k, count);
  const bStep = stepOf(b, k * n, count);
  if (aStep < 0 || bStep < 0) {
    for (let i = 0; i < shape[0]; i++)
      if (!products(slice(c, i, rank), slice(a, i, rank), slice(b, i, rank), attrs)) return false;
    return true;
  }
  // A single row or column is stored the same either way.
  const transA = attrs.transA === true && m > 1 && k > 1;
  const transB = attrs.transB === true && n > 1 && k > 1;
  const type = c.dtype as GemmType;
  // Many matrices times one are one matrix with many rows.
  return bStep === 0 && !transA
    ? single({ c, a, b, type, count: 1, m: m * count, n, k, transA, transB, aStep: 0, bStep })
    : batch({ c, a, b, type, count, m, n, k, transA, transB, aStep, bStep });
}

/** Elements from one matrix to the next when there are `count` of them, 0 when there is one; -1 when some repeat. */
function stepOf({ size }: Tensor, matrix: number, count: number): number {
  if (size === matrix) return 0;
  return size === matrix * count ? matrix : -1;
}

/** Number `i` along the leading axis of a batch of `rank` axes; the same for all i when x does not have that axis. */
function slice(x: Tensor, i: number, rank: number): Tensor {
  if (x.rank < rank) return x;
  const shape = x.shape.slice(1);
  return x.rawView(shape, x.offset + (x.shape[0] === 1 ? 0 : (i * x.size) / x.shape[0]));
}

/** Pairs that lie one after the other: small ones are divided among the threads, each of the large ones is. */
function batch(p: Products): boolean {
  const { c, a, b, count, m, n, k, aStep, bStep } = p;
  if (count === 1) return single(p);
  if (m * k + k * n + m * n <= large) return several(p);
  for (let i = 0; i < count; i++) {
    const one = { ...p, count: 1, c: part(c, i, m * n), a: part(a, i, aStep), b: part(b, i, bStep) };
    if (!single(one)) return false;
  }
  return true;
}

/** Matrix number `i` of those that follow each other. */
const part = (x: Tensor, i: number, step: number): Tensor => (step === 0 ? x : x.rawView([step], x.offset + i * step));

/** One product: with a vector, or divided by rows or columns of C, whichever are more. */
function single(p: Products): boolean {
  const { c, a, b, type, m, n, k, transA, transB } = p;
  if (m === 1 || n === 1) return withVector(p);
  const byRows = m >= n;
  const shares: Share[] = [
    { tensor: a, step: byRows ? (transA ? 1 : k) : 0, whole: true },
    { tensor: b, step: byRows ? 0 : transB ? k : 1, whole: true },
    { tensor: c, step: byRows ? n : 1, whole: true, write: true },
  ];
  const work = {
    count: byRows ? m : n,
    grain: 8,
    cost: ((byRows ? n : m) * k) / speed[type],
    scratch: gemmScratch(type, m, n, k),
  };
  const params = [byRows ? n : m, k, transA ? m : k, transB ? k : n, n, flagsOf(p)];
  return launch(gemmEntry(type, byRows ? 'gemm' : 'gemmColumns'), shares, work, params);
}

const flagsOf = ({ transA, transB }: Products): number =>
  (transA ? gemmFlags.transA : 0) + (transB ? gemmFlags.transB : 0);

/** Small pairs: each thread takes some. */
function several(p: Products): boolean {
  const { c, a, b, type, count, m, n, k, aStep, bStep } = p;
  if (m === 1 || n === 1) return withVector(p);
  const shares: Share[] = [
    { tensor: a, step: aStep },
    { tensor: b, step: bStep },
    { tensor: c, step: m * n, write: true },
  ];
  const work = { count, cost: (m * n * k) / speed[type], scratch: gemmScratch(type, m, n, k) };
  return launch(gemmEntry(type, 'gemms'), shares, work, [m, n, k, aStep, bStep, flagsOf(p)]);
}

/** The products of matrices and vectors: the operand with one row or column is the vector, and C is one. */
function withVector(p: Products): boolean {
  const { c, a, b, type, count, m, n, k, transA, transB, aStep, bStep } = p;
  const size = Math.max(m, n);
  const [matrix, vector, mStep, xStep] = n === 1 ? [a, b, aStep, bStep] : [b, a, bStep, aStep];
  const along = n === 1 ? !transA : transB;
  const ld = along ? k : size;
  const nanoseconds = (2 * k) / speed[type];
  if (count > 1) {
    const shares: Share[] = [
      { tensor: matrix, step: mStep },
      { tensor: vector, step: xStep },
      { tensor: c, step: size, write: true },
    ];
    return launch(matvecEntry(type, along, true), shares, { count, cost: size * nanoseconds }, [
      size,
      k,
      ld,
      mStep,
      xStep,
    ]);
  }
  const shares: Share[] = [
    { tensor: matrix, step: along ? ld : 1, whole: !along },
    { tensor: vector, step: 0 },
    { tensor: c, step: 1, whole: !along, write: true },
  ];
  return launch(matvecEntry(type, along, false), shares, { count: size, grain: 16, cost: nanoseconds }, [k, ld]);
}
