/** Sparse products in SIMD against their definitions: empty rows, repeated columns, every width of a row, unusual numbers. */
import fc from 'fast-check';
import { abs, Rng, type Tensor, tensor } from '../../../src/index.ts';
import { sampledMatmulKernel, sparseMatmulKernel } from '../../../src/tensor/cpu/sparse.ts';
import { probes } from '../../harness/arbitraries.ts';
import { type BackendCase, checkBackend, simd, wild } from '../../harness/backend.ts';
import { checkBounds } from '../../harness/bounds.ts';

/** A pattern of m rows and n columns. */
interface Pattern {
  readonly indptr: Tensor;
  readonly indices: Tensor;
  readonly m: number;
  readonly n: number;
}

const ints = (list: ArrayLike<number>): Tensor => tensor(Int32Array.from(list));

/** Rows of 0 to 2·mean entries, in columns in any order, some more than once. */
const patternOf = (m: number, n: number, mean: number, seed: number): Pattern => {
  const rng = new Rng(seed);
  const starts = [0];
  for (let i = 0; i < m; i++) starts.push(starts[i] + (n === 0 ? 0 : rng.below(2 * mean + 1)));
  return { indptr: ints(starts), indices: ints(Array.from({ length: starts[m] }, () => rng.below(n))), m, n };
};

const counts = fc.oneof(fc.nat(6), fc.integer({ min: 7, max: 90 }));
const patterns = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(counts, counts, fc.nat(5), probes).map((parts) => patternOf(...parts)) },
  { weight: 1, arbitrary: probes.map((seed) => patternOf(4000, 3000, 4, seed)) },
  { weight: 1, arbitrary: probes.map((seed) => patternOf(3, 500, 400, seed)) },
);
/** One vector of a row and less, up to more than two panels. */
const widths = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(31, 32, 33, 36, 61, 64, 67, 70));

/** Unusual numbers, of which sums do not leave the range of float32. */
const inRange = (x: number): number => (Number.isFinite(x) && Math.abs(x) > 1e17 ? Math.sign(x) * 1e17 : x);
const values = (shape: readonly number[], special: boolean): fc.Arbitrary<Tensor> =>
  wild(shape, { special, of: inRange });

/** A pattern, and two operands whose shapes follow from it and a width. */
const callsOf = <A>(
  shapes: (p: Pattern, d: number, flag: boolean) => readonly (readonly number[])[],
  attrs: (p: Pattern, flag: boolean) => A,
): fc.Arbitrary<readonly [readonly Tensor[], A]> =>
  fc
    .tuple(patterns, widths, fc.boolean(), fc.boolean())
    .chain(([p, d, flag, special]) =>
      fc
        .tuple(...shapes(p, d, flag).map((shape) => values(shape, special)))
        .map((operands) => [[p.indptr, p.indices, ...operands], attrs(p, flag)] as const),
    );

/** The largest finite element, of those that are not negative. */
function largest({ data }: Tensor): number {
  let most = 0;
  for (const x of data) if (Number.isFinite(x)) most = Math.max(most, x);
  return most;
}

type Four = readonly [Tensor, Tensor, Tensor, Tensor];
/** The longest sum there can be, times the largest sum of absolute values. */
const scaleOf = (terms: number, [indptr, indices, a, b]: Four, run: (xs: Four) => Tensor): number =>
  terms * largest(run([indptr, indices, abs(a), abs(b)]));

const product: BackendCase = {
  name: 'sparseMatmul',
  kernel: sparseMatmulKernel,
  calls: callsOf(
    ({ indices, m, n }, d, transposed) => [[indices.size], [transposed ? m : n, d]],
    ({ n }, transposed) => ({ transposed, columns: n }),
  ),
  tolerance: 2 ** -23,
  of(inputs, attrs) {
    const { transposed } = attrs as { transposed: boolean };
    const keys = transposed ? inputs[1].data : inputs[0].data.slice(1).map((end, i) => end - inputs[0].data[i]);
    const most = transposed ? Math.max(0, ...countsOf(keys)) : Math.max(0, ...keys);
    return scaleOf(most, inputs as Four, (xs) => sparseMatmulKernel(xs, attrs as never));
  },
  smallest: 2 ** -139,
};
checkBackend(simd, product);
checkBounds(product);

/** How often each number comes. */
function countsOf(keys: ArrayLike<number>): Iterable<number> {
  const found = new Map<number, number>();
  for (let i = 0; i < keys.length; i++) found.set(keys[i], (found.get(keys[i]) ?? 0) + 1);
  return found.values();
}

checkBackend(simd, {
  name: 'sampledMatmul',
  kernel: sampledMatmulKernel,
  calls: callsOf(
    ({ m, n }, d) => [
      [m, d],
      [n, d],
    ],
    () => undefined,
  ),
  tolerance: 2 ** -23,
  of: (inputs) => scaleOf(inputs[2].shape[1], inputs as Four, (xs) => sampledMatmulKernel(xs, undefined)),
  smallest: 2 ** -139,
});
