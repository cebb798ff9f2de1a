/** Random matrices with a chosen spectrum, in batches. */
import fc from 'fast-check';
import { expand, eye, Rng, type Shape, type Tensor, tensor } from '../../../../src/index.ts';
import { thinQr } from '../../../../src/tensor/linalg/qr.ts';
import { sizeOf } from '../../../../src/tensor/shape.ts';
import { probes } from '../../../harness/arbitraries.ts';

/** One matrix, row-major. */
export type Entries = Float64Array;

/** An m×n matrix of independent normal numbers. */
export const normal = (m: number, n: number, rng: Rng): Entries =>
  Float64Array.from({ length: m * n }, () => rng.normal());

/** k orthonormal rows of length n. */
export const frame = (k: number, n: number, rng: Rng): Entries => thinQr(normal(n, k, rng), n, k).qt;

/** Σ_i values_i·p_i·q_iᵀ for rows p_i of length m and q_i of length n. */
export function combine(p: Entries, m: number, values: readonly number[], q: Entries, n: number): Entries {
  const a = new Float64Array(m * n);
  for (const [l, value] of values.entries())
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) a[i * n + j] += value * p[l * m + i] * q[l * n + j];
  return a;
}

/** The m×n matrix with these singular values, at most min(m, n) of them, and random vectors. */
export const withValues = (m: number, n: number, values: readonly number[], rng: Rng): Entries =>
  combine(frame(values.length, m, rng), m, values, frame(values.length, n, rng), n);

/** The symmetric n×n matrix with these n eigenvalues and random vectors. */
export function symmetric(values: readonly number[], rng: Rng): Entries {
  const n = values.length;
  const v = frame(n, n, rng);
  const a = combine(v, n, values, v, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
  return a;
}

/** k numbers at least `gap` apart and at least `least`, in random order. */
export function apart(k: number, rng: Rng, gap: number = 0.5, least: number = 0.5): number[] {
  const rising = Array.from({ length: k }, (_, i) => least + i * 1.5 * gap + (gap / 2) * rng.uniform());
  return Array.from(rng.permutation(k), (i) => rising[i]);
}

/** Whether no row of `vt` has two entries nearly largest in magnitude: where they tie, the sign convention jumps. */
export function unambiguous(vt: Entries, n: number): boolean {
  for (let from = 0; from < vt.length; from += n) {
    const [first = 1, second = 0] = [...vt.subarray(from, from + n)].map(Math.abs).sort((a, b) => b - a);
    if (first - second < 0.02) return false;
  }
  return true;
}

/** Makes matrices until one passes. */
export function until(make: () => Entries, passes: (a: Entries) => boolean): Entries {
  for (;;) {
    const a = make();
    if (passes(a)) return a;
  }
}

/** Leading axes. */
export const leads: fc.Arbitrary<Shape> = fc.constantFrom([], [], [2], [1, 2]);

/** Sizes of a matrix. */
export interface Sizes {
  readonly m: number;
  readonly n: number;
}

/** A float64 tensor of matrices, each made by `make` from its sizes and a stream of random numbers. */
export const batches = (
  sizes: fc.Arbitrary<Sizes>,
  make: (m: number, n: number, rng: Rng) => Entries,
  lead: fc.Arbitrary<Shape> = leads,
): fc.Arbitrary<Tensor> =>
  fc.tuple(sizes, lead, probes).map(([{ m, n }, axes, seed]) => batch(axes, m, n, (rng) => make(m, n, rng), seed));

/** A float64 tensor of matrices, each made by `make`. */
export function batch(lead: Shape, m: number, n: number, make: (rng: Rng) => Entries, seed: number): Tensor {
  const rng = new Rng(seed);
  const all = Array.from({ length: sizeOf(lead) }, () => [...make(rng)]).flat();
  return tensor(all, { shape: [...lead, m, n], dtype: 'float64' });
}

const size = fc.integer({ min: 1, max: 4 });

/** m and n in 1..4. */
export const anySizes: fc.Arbitrary<Sizes> = fc.record({ m: size, n: size });

/** m = n in 1..4. */
export const squares: fc.Arbitrary<Sizes> = size.map((n) => ({ m: n, n }));

/** One tensor as the call of an op with one operand. */
export const calls = <A = unknown>(
  x: fc.Arbitrary<Tensor>,
  attrs: readonly A[] = [{} as A],
): fc.Arbitrary<{ readonly inputs: readonly Tensor[]; readonly attrs: A }> =>
  fc.tuple(x, fc.constantFrom(...attrs)).map(([a, options]) => ({ inputs: [a], attrs: options }));

/** The n×n identity, float64. */
export const identity = (n: number): Tensor => eye(n, n, { dtype: 'float64' });

/** The identity matrices that UᵀU is for U […, m, k] with orthonormal columns. */
export const orthonormal = (u: Tensor): Tensor => {
  const k = u.shape[u.rank - 1];
  return expand(eye(k, k, { dtype: u.dtype }), [...u.shape.slice(0, -2), k, k]);
};

/** A float64 matrix of the given rows. */
export const rows = (...list: readonly (readonly number[])[]): Tensor => tensor(list, { dtype: 'float64' });

/** The same tensor, requiring a gradient. */
export function wanted(x: Tensor): Tensor {
  x.requiresGrad = true;
  return x;
}

/** A float64 tensor. */
export const double = (values: number | number[] | number[][] | number[][][], requiresGrad: boolean = false): Tensor =>
  tensor(values, { dtype: 'float64', requiresGrad });
