/** Matrix products in WebAssembly: they agree with the definition, and which sum they make is known to the bit. */
import fc from 'fast-check';
import { type Shape, tensor } from '../../../src/index.ts';
import { type MatmulAttrs, matmulKernel } from '../../../src/tensor/cpu/matmul.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { narrowed } from '../../harness/arbitraries.ts';
import { checkBackend, simd, type Wild, wild } from '../../harness/backend.ts';

type Call = readonly [inputs: readonly [Tensor, Tensor], attrs: MatmulAttrs];

/** Sizes of a product, and the leading axes of its operands. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly lead?: readonly [Shape, Shape];
}

const layouts = fc.record({ transA: fc.boolean(), transB: fc.boolean() });

const callOf = ({ m, n, k, lead = [[], []] }: Sizes, wildness: Wild): fc.Arbitrary<Call> =>
  layouts.chain((attrs) =>
    fc.tuple(
      fc.tuple(
        wild([...lead[0], ...(attrs.transA ? [k, m] : [m, k])], wildness),
        wild([...lead[1], ...(attrs.transB ? [n, k] : [k, n])], wildness),
      ),
      fc.constant(attrs),
    ),
  );

const side = fc.oneof(fc.nat(20), fc.constantFrom(16, 17, 31, 32, 64, 67));
const small: fc.Arbitrary<Sizes> = fc.record({ m: side, n: side, k: side });
/** A vector on one side, or on both. */
const vectors = fc.oneof(
  fc.record({ m: fc.constant(1), n: fc.nat(100), k: fc.nat(100) }),
  fc.record({ m: fc.nat(100), n: fc.constant(1), k: fc.nat(100) }),
  fc.record({ m: fc.constant(1), n: fc.constant(1), k: fc.nat(3000) }),
);
/** Beyond each block: of rows, columns and depth; and for few rows. */
const beyond = fc.constantFrom<Sizes>(
  { m: 70, n: 9, k: 530 },
  { m: 5, n: 1034, k: 40 },
  { m: 16, n: 70, k: 520 },
  { m: 17, n: 1030, k: 9 },
  { m: 131, n: 40, k: 33 },
  { m: 300, n: 258, k: 7 },
  { m: 1, n: 300, k: 260 },
  { m: 300, n: 1, k: 260 },
);
const singles = fc.oneof(
  { arbitrary: small, weight: 6 },
  { arbitrary: vectors, weight: 3 },
  { arbitrary: beyond, weight: 1 },
);

/** Either operand may lack leading axes, or repeat along them. */
const leads = fc.oneof(
  fc.constantFrom<readonly [Shape, Shape]>(
    [[4], []],
    [[2, 3], [3]],
    [
      [2, 1],
      [1, 3],
    ],
    [
      [3, 1],
      [2, 1, 4],
    ],
    [[1], [5]],
    [[0], []],
  ),
  fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
    .chain((wide) => fc.tuple(fc.oneof(fc.constant(wide), narrowed(wide)), narrowed(wide))),
);
const most = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 1, 31, 32, 64));
/** Pairs that are computed one by one. */
const large = fc.constant([130, 128, 64] as const);
const batches: fc.Arbitrary<Sizes> = fc
  .tuple(
    leads,
    fc.boolean(),
    fc.oneof({ arbitrary: fc.tuple(most, most, most), weight: 20 }, { arbitrary: large, weight: 1 }),
  )
  .map(([[p, q], swap, [m, n, k]]) => ({ m, n, k, lead: swap ? [q, p] : [p, q] }));

/** Σ|a·b| of the element where that is largest, times √k. */
function scale([a, b]: readonly Tensor[], attrs: MatmulAttrs): number {
  const sizeOf = (x: Tensor): Tensor => tensor(Float64Array.from(x.data, finite), { shape: x.shape, dtype: 'float64' });
  const sums = matmulKernel([sizeOf(a), sizeOf(b)], attrs).data as Float64Array;
  return Math.sqrt(a.shape[a.rank - (attrs.transA ? 2 : 1)]) * sums.reduce((most, x) => Math.max(most, x), 0);
}

const finite = (x: number): number => (Number.isFinite(x) ? Math.abs(x) : 0);
/** Huge numbers are left out: sums in float32 overflow where those of the definition come back. */
const bounded = (x: number): number => (Number.isFinite(x) && Math.abs(x) > 1e6 ? 3 : x);

const check = (dtype: 'float32' | 'float64', tolerance: number, sizes: fc.Arbitrary<Sizes>): void =>
  checkBackend(simd, {
    name: 'matmul',
    kernel: matmulKernel,
    calls: fc.tuple(sizes, fc.boolean()).chain(([s, special]) => callOf(s, { dtype, special, of: bounded })),
    tolerance,
    of: (inputs, attrs) => scale(inputs, attrs as MatmulAttrs),
  });

for (const sizes of [singles, batches]) {
  check('float32', 2 ** -23, sizes);
  check('float64', 2 ** -52, sizes);
}
