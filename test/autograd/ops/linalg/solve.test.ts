import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tril, triu } from '../../../../src/autograd/ops/triangle.ts';
import {
  DomainError,
  DTypeError,
  expand,
  grad,
  gradcheck,
  matmul,
  ones,
  type Rng,
  reshape,
  type Shape,
  ShapeError,
  sub,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { inv, type SolveTriangularAttrs, solve, solveTriangular } from '../../../../src/linalg.ts';
import { narrowed, shapes } from '../../../harness/arbitraries.ts';
import type { Case } from '../../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import {
  apart,
  batch,
  batches,
  calls,
  double,
  type Entries,
  identity,
  normal,
  orthonormal,
  rows,
  squares,
  withValues,
} from './matrices.ts';

const regular = (_: number, n: number, rng: Rng): Entries => withValues(n, n, apart(n, rng), rng);

/** Off the diagonal small, on it beyond 1/2, so that errors of float32 do not grow. */
const triangle = (_: number, n: number, rng: Rng): Entries =>
  Float64Array.from({ length: n * n }, (_zero, t) => {
    const x = rng.normal() / n;
    return t % (n + 1) === 0 ? Math.sign(x) * (0.5 + Math.abs(x)) : x;
  });

/** Leading axes that broadcast together. */
const pairs: fc.Arbitrary<readonly [Shape, Shape]> = shapes({ maxRank: 2, minSize: 1, maxSize: 2 }).chain((wide) =>
  fc.tuple(narrowed(wide), narrowed(wide)),
);

/** A of n×n matrices, and B of what fits beside them. */
const systems = <A>(
  make: typeof regular,
  attrs: readonly A[],
  shapeOfB: (lead: Shape, n: number, k: number, attrs: A) => Shape,
): fc.Arbitrary<Case<A>> =>
  fc
    .record({ leads: pairs, n: fc.integer({ min: 1, max: 4 }), k: fc.integer({ min: 1, max: 3 }) })
    .chain(({ leads: [p, q], n, k }) =>
      fc.tuple(
        batches(fc.constant({ m: n, n }), make, fc.constant(p)),
        fc.constantFrom(...attrs).chain((options) => {
          const shape = shapeOfB(q, n, k, options);
          const [rows, columns] = shape.length === 1 ? [1, n] : shape.slice(-2);
          const values = batches(fc.constant({ m: rows, n: columns }), normal, fc.constant(shape.slice(0, -2)));
          return values.map((b) => ({ b: reshape(b, shape), options }));
        }),
      ),
    )
    .map(([a, { b, options }]) => ({ inputs: [a, b], attrs: options }));

const flags = [false, true];
const triangles: readonly SolveTriangularAttrs[] = flags.flatMap((upper) =>
  flags.flatMap((trans) =>
    flags.flatMap((unitriangular) => flags.map((left) => ({ upper, trans, unitriangular, left }))),
  ),
);

checkOp(solveTriangular, {
  inputs: systems(triangle, [{ upper: true }, ...triangles], (lead, n, k, { left }) =>
    left === false ? [...lead, k, n] : [...lead, n, k],
  ),
  tolerance: 2e-5,
});
checkOp(solve, {
  inputs: systems(regular, [{ vector: false }, { vector: true }], (lead, n, k, { vector }) =>
    vector ? [n] : [...lead, n, k],
  ).map(({ inputs }) => ({ inputs, attrs: undefined })),
  tolerance: 2e-5,
});
checkOp(inv, { inputs: calls(batches(squares, regular)), tolerance: 2e-5 });

/** The matrix that a triangular system is about. */
function counted(t: Tensor, { upper, trans = false, unitriangular = false }: SolveTriangularAttrs): Tensor {
  const inside = (offset: number): Tensor => (upper ? triu(t, { offset }) : tril(t, { offset: -offset }));
  const n = t.shape[t.rank - 1];
  const whole = unitriangular ? sub(inside(1), expand(sub(0, identity(n)), t.shape)) : inside(0);
  return trans ? transpose(whole) : whole;
}

test('solveTriangular solves the system that its options name, and reads no other entry', () => {
  const cases = systems(triangle, triangles, (lead, n, k, { left }) => (left ? [...lead, n, k] : [...lead, k, n]));
  fc.assert(
    fc.property(cases, ({ inputs: [t, b], attrs }) => {
      const x = solveTriangular(t, b, attrs);
      const c = counted(t, attrs);
      const y = attrs.left ? matmul(c, x) : matmul(x, c);
      assertClose(y, expand(b, y.shape), 1e-12, 'T·X');
      assertClose(solveTriangular(counted(t, { ...attrs, trans: false }), b, attrs), x, 0, 'the rest');
    }),
  );
});

test('solveTriangular: the gradient stays inside the triangle', () => {
  for (const attrs of triangles) {
    const t = batch([], 3, 3, (rng) => triangle(3, 3, rng), 3);
    t.requiresGrad = true;
    const [dt] = grad(sum(solveTriangular(t, ones([3, 3], { dtype: 'float64' }), attrs)), [t]);
    assertClose(counted(dt, { ...attrs, trans: false, unitriangular: false }), dt, 0, JSON.stringify(attrs));
    assert.equal(dt.data[0] === 0, attrs.unitriangular === true);
    gradcheck((x) => solveTriangular(x, identity(3), attrs), [t]);
  }
});

test('solveTriangular: by hand, and what it refuses', () => {
  const t = rows([2, 7], [1, 4]);
  const b = rows([2], [5]);
  assertHolds(solveTriangular(t, b, { upper: false }), rows([1], [1]).toArray());
  assertHolds(solveTriangular(t, b, { upper: true }), rows([-3.375], [1.25]).toArray());
  assertHolds(solveTriangular(t, b, { upper: false, unitriangular: true }), rows([2], [3]).toArray());
  assertHolds(solveTriangular(t, transpose(b), { upper: false, left: false }), [[0.375, 1.25]]);
  const flat = rows([1, 0], [5, 0]);
  for (const upper of flags)
    assertRefuses(() => solveTriangular(flat, b, { upper }), DomainError, 'solveTriangular', /\(1, 1\) is 0/);
  assertHolds(solveTriangular(flat, b, { upper: false, unitriangular: true }), rows([2], [-5]).toArray());
  const unread = rows([1, NaN], [0, 1]);
  assertHolds(solveTriangular(unread, b, { upper: false }), rows([2], [5]).toArray());
  assertRefuses(
    () => solveTriangular(unread, b, { upper: true }),
    DomainError,
    'solveTriangular',
    /\(0, 1\) of T is NaN/,
  );
  assertRefuses(
    () => solveTriangular(t, b, {} as SolveTriangularAttrs),
    DomainError,
    'solveTriangular',
    /upper is true or false/,
  );
  assertRefuses(() => solveTriangular(t, transpose(b), { upper: true }), ShapeError, 'solveTriangular', /axis 'n'/);
  assertRefuses(() => solveTriangular(t, b, { upper: true, left: false }), ShapeError, 'solveTriangular', /axis 'n'/);
});

test('A·solve(A, B) = B, inv is the solution for the identity', () => {
  fc.assert(
    fc.property(
      systems(regular, [{}], (lead, n, k) => [...lead, n, k]),
      ({ inputs: [a, b] }) => {
        const x = solve(a, b);
        assertClose(matmul(a, x), expand(b, x.shape), 1e-12, 'A·X');
        assertClose(matmul(a, inv(a)), orthonormal(a), 1e-12, 'A·A⁻¹');
        assertClose(inv(inv(a)), a, 1e-12, 'twice');
        assertClose(solve(a, orthonormal(a)), inv(a), 0, 'identity');
      },
    ),
  );
});

test('solve takes a vector for one column, in every matrix of a batch', () => {
  const a = double([
    [
      [2, 0],
      [0, 4],
    ],
    [
      [0, 1],
      [1, 0],
    ],
  ]);
  assertHolds(solve(a, double([2, 8])), rows([1, 2], [8, 2]).toArray());
  assertHolds(solve(rows([0, 2], [1, 0]), double([2, 8])), [8, 1]);
  const b = double([2, 8], true);
  assertHolds(grad(sum(solve(a, b)), [b])[0], [1.5, 1.25]);
});

test('solve and inv: what they refuse, and what spreads', () => {
  const b = rows([1], [2]);
  for (const [a, pivot] of [
    [rows([1, 2], [2, 4]), 1],
    [rows([0, 0], [0, 1]), 0],
    [zeros([2, 2], { dtype: 'float64' }), 0],
  ] as const) {
    assertRefuses(() => solve(a, b), DomainError, 'solve', new RegExp(`singular: pivot ${pivot}`));
    assertRefuses(() => inv(a), DomainError, 'inv', new RegExp(`singular: pivot ${pivot}`));
  }
  assertRefuses(() => inv(double([[[1]], [[0]]])), DomainError, 'inv', /matrix 1 of the batch/);
  assertRefuses(() => solve(rows([1, NaN], [0, 1]), b), DomainError, 'solve', /entry \(0, 1\) is NaN/);
  assertRefuses(() => solve(rows([1, 2]), b), ShapeError, 'solve', /axis 'n' is 1 and 2/);
  assertRefuses(() => solve(identity(2), double([1, 2, 3])), ShapeError, 'solve', /axis 'n' is 2 and 3/);
  assertRefuses(() => solve(identity(2), 3), ShapeError, 'solve', /operand 1 should be/);
  assertRefuses(() => solve(identity(2), zeros([2, 1])), DTypeError, 'solve', /float64 and float32/);
  assertHolds(solve(identity(2), rows([NaN, 1], [2, 3])), rows([NaN, 1], [NaN, 3]).toArray());
});

test('empty systems', () => {
  const options = { dtype: 'float64', requiresGrad: true } as const;
  for (const [left, right] of [
    [
      [0, 0],
      [0, 2],
    ],
    [
      [2, 2],
      [2, 0],
    ],
    [
      [0, 2, 2],
      [2, 1],
    ],
    [
      [3, 0, 0],
      [0, 1],
    ],
  ]) {
    const [a, b] = [zeros(left, options), zeros(right, options)];
    const wide = [...left.slice(0, -2), ...right];
    if (left.at(-1) === 2 && left.length === 2) a.data.set([1, 0, 0, 1]);
    for (const x of [solve(a, b), solveTriangular(a, b, { upper: true })]) {
      assert.deepEqual(x.shape, wide);
      const gradients = grad(sum(x), [a, b]);
      assert.deepEqual(
        gradients.map((g) => g.shape),
        [left, right],
      );
    }
  }
  assert.deepEqual(inv(zeros([0, 0])).shape, [0, 0]);
  assert.deepEqual(inv(zeros([0, 3, 3])).shape, [0, 3, 3]);
});
