/** Products with sparse matrices in compressed rows. */
import type { SparseProduct } from '../cpu/sparse.ts';
import type { Tensor } from '../tensor.ts';
import { type Body, call, during, type Func, func, ifElse, type Local, select, set } from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import type { Three } from './forms.ts';
import { f32x4, i32x4, shuffle32, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { fewest, overlay } from './overlay.ts';
import { advance, ints, storeSome, times } from './pieces.ts';
import { i32, zeroFill } from './scalar.ts';

/** Vectors of a row of x that are summed at a time: with a weight and a product they fill ten registers. */
const panel = 8;
const widths: readonly number[] = Array.from({ length: panel }, (_, i) => i + 1);

/** What every kernel over the rows of a pattern is given: addresses, the number of rows, and the bytes of a row of x. */
const operands = {
  y: 'i32',
  indptr: 'i32',
  indices: 'i32',
  values: 'i32',
  x: 'i32',
  rows: 'i32',
  stride: 'i32',
} as const;

/** Store `width` vectors, of the last one `tail` lanes; all four when it is larger. */
const storeRow = (to: Local<'i32'>, xs: readonly Local<'v128'>[], tail: Local<'i32'>): Body =>
  xs.map((x, i) => (i < xs.length - 1 ? v128.store(to, x, 16 * i) : storeSome(to, x, tail, 16 * i)));

/** Go through the entries of the row that `indptr` points at: `at` and `weight` are left at the place and value of each. */
const eachEntry = (
  { indptr, indices, values }: Record<'indptr' | 'indices' | 'values', Local<'i32'>>,
  { at, weight, end }: Record<'at' | 'weight' | 'end', Local<'i32'>>,
  body: Body,
): Body => [
  set(at, i32.add(indices, i32.shl(i32.load(indptr), 2))),
  set(weight, i32.add(values, i32.shl(i32.load(indptr), 2))),
  set(end, i32.add(indices, i32.shl(i32.load(indptr, 4), 2))),
  during(i32.ltU(at, end), [body, advance(at, 4), advance(weight, 4)]),
];

/** y[i] = Σ w·x[j] over the entries (i, j), for `width` vectors of each row. */
const gatherRows = (madd: Three, width: number): Func =>
  func(`gather${width}`, { ...operands, tail: 'i32' }, (p, locals) => {
    const { y, indptr, x, rows, stride, tail } = p;
    const [w] = locals.v128;
    const own = locals({ at: 'i32', weight: 'i32', end: 'i32', from: 'i32' });
    const sums = locals.list('v128', width);
    return times(rows, [
      sums.map((sum) => set(sum, v128.zero())),
      eachEntry(p, own, [
        set(w, v128.load32Splat(own.weight)),
        set(own.from, i32.add(x, i32.mul(i32.load(own.at), stride))),
        sums.map((sum, i) => set(sum, madd(w, v128.load(own.from, 16 * i), sum))),
      ]),
      storeRow(y, sums, tail),
      advance(y, stride),
      advance(indptr, 4),
    ]);
  });

/** y[j] += w·x[i] over the entries (i, j), for `width` vectors of each row. */
const scatterRows = (madd: Three, width: number): Func =>
  func(`scatter${width}`, { ...operands, tail: 'i32' }, (p, locals) => {
    const { y, indptr, x, rows, stride, tail } = p;
    const [w, last] = locals.v128;
    const own = locals({ at: 'i32', weight: 'i32', end: 'i32', to: 'i32' });
    const parts = locals.list('v128', width);
    return times(rows, [
      parts.map((part, i) => set(part, v128.load(x, 16 * i))),
      eachEntry(p, own, [
        set(w, v128.load32Splat(own.weight)),
        set(own.to, i32.add(y, i32.mul(i32.load(own.at), stride))),
        parts.map((part, i) => {
          const sum = madd(w, part, v128.load(own.to, 16 * i));
          return i < width - 1
            ? v128.store(own.to, sum, 16 * i)
            : [set(last, sum), storeSome(own.to, last, tail, 16 * i)];
        }),
      ]),
      advance(x, stride),
      advance(indptr, 4),
    ]);
  });

/** All columns of y, some vectors at a time. */
const allPanels = (name: string, panels: readonly Func[]): Func =>
  func(name, operands, ({ y, indptr, indices, values, x, rows, stride }, locals) => {
    const [left, width, tail] = locals.i32;
    return [
      set(left, i32.shrU(stride, 2)),
      during(i32.gtS(left, 0), [
        set(width, i32.shrU(i32.add(left, 3), 2)),
        // 9 to 16 vectors are two panels of about the same width: one of 8 and one of 1 would cost more.
        ifElse(
          i32.gtS(width, panel),
          set(width, select(i32.gtS(width, 2 * panel), i32.add(panel, 0), i32.shrU(i32.add(width, 1), 1))),
        ),
        set(tail, i32.sub(left, i32.shl(i32.sub(width, 1), 2))),
        panels.map((f, i) =>
          ifElse(i32.eq(width, widths[i]), call(f, y, indptr, indices, values, x, rows, stride, tail)),
        ),
        advance(y, i32.shl(width, 4)),
        advance(x, i32.shl(width, 4)),
        set(left, i32.sub(left, i32.shl(width, 2))),
      ]),
    ];
  });

/** v[e] = <a[i], b[j]> for every entry e = (i, j), in four sums, of which each has every fourth product. */
const sampledRows = (madd: Three): Func =>
  func(
    'sampled',
    ints('v', 'indptr', 'indices', 'a', 'b', 'rows', 'stride'),
    ({ v, indptr, indices, a, b, rows, stride }, locals) => {
      const [mask, sum] = locals.v128;
      const [at, end, to, p, q, stop] = locals.i32;
      return [
        set(mask, i32x4.gtS(i32x4.splat(i32.and(i32.shrU(stride, 2), 3)), i32x4.const(0, 1, 2, 3))),
        times(rows, [
          set(at, i32.add(indices, i32.shl(i32.load(indptr), 2))),
          set(to, i32.add(v, i32.shl(i32.load(indptr), 2))),
          set(end, i32.add(indices, i32.shl(i32.load(indptr, 4), 2))),
          set(stop, i32.add(a, i32.and(stride, -16))),
          during(i32.ltU(at, end), [
            set(p, a),
            set(q, i32.add(b, i32.mul(i32.load(at), stride))),
            set(sum, v128.zero()),
            during(i32.ltU(p, stop), [set(sum, madd(v128.load(p), v128.load(q), sum)), advance(p, 16), advance(q, 16)]),
            set(sum, madd(v128.and(v128.load(p), mask), v128.and(v128.load(q), mask), sum)),
            set(sum, f32x4.add(sum, shuffle32(sum, sum, [2, 3, 0, 1]))),
            set(sum, f32x4.add(sum, shuffle32(sum, sum, [1, 0, 3, 2]))),
            v128.store32Lane(to, sum, 0),
            advance(at, 4),
            advance(to, 4),
          ]),
          advance(a, stride),
          advance(indptr, 4),
        ]),
      ];
    },
  );

/** y = Aᵀ·x, in one piece: rows of y are written in the order of the entries. */
const transposedProduct = (add: Func): Func =>
  func(
    'transposed',
    ints('y', 'indptr', 'indices', 'values', 'x', 'once', 'rows', 'stride', 'bytes'),
    ({ y, indptr, indices, values, x, rows, stride, bytes }) => [
      zeroFill(y, bytes),
      call(add, y, indptr, indices, values, x, rows, stride),
    ],
  );

// Apart, so that who needs one does not wait for the others to be compiled.
const products: Family = defineFamily(({ madd }) => [
  allPanels(
    'product',
    widths.map((n) => gatherRows(madd, n)),
  ),
]);
const transposedProducts: Family = defineFamily(({ madd }) => [
  transposedProduct(
    allPanels(
      'add',
      widths.map((n) => scatterRows(madd, n)),
    ),
  ),
]);
const samples: Family = defineFamily(({ madd }) => [sampledRows(madd)]);

/** Nanoseconds that a row takes, about. */
const costOf = (entries: Tensor, rows: number, d: number): number => 5 + ((entries.size / rows) * (4 + d)) / 8;

function multiply(
  [y]: readonly [Tensor],
  [indptr, indices, values, x]: readonly [Tensor, Tensor, Tensor, Tensor],
  { transposed }: SparseProduct,
): boolean {
  const [rows, d] = [indptr.size - 1, x.shape[1]];
  const pattern = [indices, values].map((tensor) => ({ tensor, step: 0 }));
  if (!transposed)
    return launch(
      products('product'),
      [
        { tensor: y, step: d, write: true },
        { tensor: indptr, step: 1, whole: true },
        ...pattern,
        { tensor: x, step: 0 },
      ],
      { count: rows, cost: costOf(indices, rows, d) },
      [4 * d],
    );
  return launch(
    transposedProducts('transposed'),
    [{ tensor: y, step: 0, write: true }, { tensor: indptr, step: 0 }, ...pattern, { tensor: x, step: 0 }],
    { count: 1, cost: 0 },
    [rows, 4 * d, y.bytes],
  );
}

/**
 * Lay the sparse products over their definitions. Sums run in float32, in the order of the entries: the error is at most
 * n·2⁻²³·Σ|w·x| for n entries of a row. Scores are summed in four parts: at most d·2⁻²³·Σ|a·b|.
 */
export function laySparse(): void {
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], SparseProduct, readonly [Tensor]>('sparseMatmul', {
    accepts: ([, , values, x]) => x.dtype === 'float32' && values.size * x.shape[1] >= fewest,
    run: multiply,
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], undefined, readonly [Tensor]>('sampledMatmul', {
    accepts: ([, indices, a]) => a.dtype === 'float32' && indices.size * a.shape[1] >= fewest,
    run: ([v], [indptr, indices, a, b]) =>
      launch(
        samples('sampled'),
        [
          { tensor: v, step: 0, write: true },
          { tensor: indptr, step: 1, whole: true },
          { tensor: indices, step: 0 },
          { tensor: a, step: a.shape[1], whole: true },
          { tensor: b, step: 0 },
        ],
        { count: indptr.size - 1, cost: costOf(indices, indptr.size - 1, a.shape[1]) },
        [4 * a.shape[1]],
      ),
  });
}
