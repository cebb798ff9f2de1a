/**
 * The matrix product C = A·B in WebAssembly. Each element of C is summed in the order of k in its own type, by one multiply-add per
 * product, wherever it stands: how C is divided among callers, blocks and threads changes no bit.
 */
import { call, during, type Func, func, ifElse, select, set } from './assembler.ts';
import { defineFamily, type Entry, type Family } from './family.ts';
import type { Three } from './forms.ts';
import { blockColumns, blockDepth, blockRows, fewRows, gemmBlocks, gemmParams, piecesOf, slack } from './gemmBlocks.ts';
import { gemmFew, stripRoom } from './gemmFew.ts';
import { float32Lane, float64Lane, gemmFlags, type Lane, tileBytes, tileRows } from './gemmLane.ts';
import { advance, ints } from './pieces.ts';
import { i32 } from './scalar.ts';

export { gemmFlags };

/** Types of matrices that have a product. */
export type GemmType = Lane['name'];

const up = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Bytes that `gemm` wants as `scratch`. Enough for one size is enough for all smaller ones. */
export function gemmScratch(type: GemmType, m: number, n: number, k: number): number {
  const bytes = type === 'float32' ? 4 : 8;
  const depth = Math.min(k, blockDepth);
  const columns = Math.min(up(n * bytes, tileBytes), blockColumns);
  const rows = Math.min(up(m, tileRows) * bytes, blockRows);
  const few = k * (up(Math.min(m, fewRows) * bytes, tileBytes) + tileRows * bytes);
  return 2 * slack + Math.max(depth * (columns + rows), stripRoom + few);
}

/**
 * The product as a function `(a, b, c, m, n, k, lda, ldb, ldc, flags, scratch)` of a module that is being built, with that type's
 * multiply-add: for kernels that need products on their way. Addresses and leading dimensions as in `gemmAt`.
 */
export function gemmFunc(type: GemmType, madd: Three): Func {
  const pieces = piecesOf((type === 'float32' ? float32Lane : float64Lane)(madd));
  const blocks = gemmBlocks(pieces);
  const turned = gemmFew(pieces);
  return func(`gemm_${type}`, gemmParams, ({ a, b, c, m, n, k, lda, ldb, ldc, flags, scratch }) => {
    const onlyTransB = i32.eq(i32.and(flags, gemmFlags.transB | gemmFlags.accumulate), gemmFlags.transB);
    const few = i32.and(i32.ltU(i32.sub(m, 1), fewRows), i32.and(i32.gtS(n, m), i32.gtS(k, 0)));
    return ifElse(
      i32.and(onlyTransB, few),
      call(turned, a, b, c, m, n, k, lda, ldb, ldc, flags, scratch),
      call(blocks, a, b, c, m, n, k, lda, ldb, ldc, flags, scratch),
    );
  });
}

/**
 * The products of `count` pairs of matrices without gaps, `aStep` and `bStep` elements apart; 0 repeats one:
 * `(a, b, c, count, m, n, k, aStep, bStep, flags, scratch)`.
 */
function gemms(type: GemmType, gemm: Func): Func {
  const params = ints('a', 'b', 'c', 'count', 'm', 'n', 'k', 'aStep', 'bStep', 'flags', 'scratch');
  const shift = type === 'float32' ? 2 : 3;
  return func(`gemms_${type}`, params, ({ a, b, c, count, m, n, k, aStep, bStep, flags, scratch }, locals) => {
    const [lda, ldb] = locals.i32;
    return [
      set(lda, select(i32.and(flags, gemmFlags.transA), m, k)),
      set(ldb, select(i32.and(flags, gemmFlags.transB), k, n)),
      during(count, [
        call(gemm, a, b, c, m, n, k, lda, ldb, n, flags, scratch),
        advance(a, i32.shl(aStep, shift)),
        advance(b, i32.shl(bStep, shift)),
        advance(c, i32.shl(i32.mul(m, n), shift)),
        advance(count, -1),
      ]),
    ];
  });
}

/** The product with n and m in each other's place, so that the columns of C can be divided: `(a, b, c, n, m, k, …)`. */
const gemmColumns = (type: GemmType, gemm: Func): Func =>
  func(
    `gemmColumns_${type}`,
    ints('a', 'b', 'c', 'n', 'm', 'k', 'lda', 'ldb', 'ldc', 'flags', 'scratch'),
    ({ a, b, c, n, m, k, lda, ldb, ldc, flags, scratch }) =>
      call(gemm, a, b, c, m, n, k, lda, ldb, ldc, flags, scratch),
  );

function functions(type: GemmType, madd: Three): Func[] {
  const gemm = gemmFunc(type, madd);
  return [gemm, gemmColumns(type, gemm), gemms(type, gemm)];
}

const families: Record<GemmType, Family> = {
  float32: defineFamily(({ madd }) => functions('float32', madd)),
  float64: defineFamily(({ madd64 }) => functions('float64', madd64)),
};

/** The product of a type: as `gemmFunc` describes it, divisible by rows; divisible by columns; of many pairs. */
export const gemmEntry = (type: GemmType, what: 'gemm' | 'gemmColumns' | 'gemms' = 'gemm'): Entry =>
  families[type](`${what}_${type}`);

/**
 * C = A·B, or C += A·B, on matrices in the memory of the SIMD kernels: `a`, `b`, `c` and `scratch` (of `gemmScratch` bytes) are
 * byte addresses; `lda`, `ldb`, `ldc` are elements from one stored row to the next. C overlaps neither A nor B.
 */
export function gemmAt(
  type: GemmType,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  c: number,
  ldc: number,
  flags: number,
  scratch: number,
): void {
  gemmEntry(type).run(a, b, c, m, n, k, lda, ldb, ldc, flags, scratch);
}
