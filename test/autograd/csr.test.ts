import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsrMatrix } from '../../src/autograd/csr.ts';
import { spmm } from '../../src/autograd/ops/sparse.ts';
import {
  DomainError,
  DTypeError,
  grad,
  meta,
  mul,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import { leaf } from '../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../harness/garbage.ts';

const ints = (list: readonly number[]): Tensor => tensor(Int32Array.from(list));

test('by hand: an empty row is 0, a place named twice adds up, a vector stays one', () => {
  const a = new CsrMatrix(ints([0, 2, 2, 4]), ints([1, 0, 2, 2]), tensor([1, 2, 3, 4]), [3, 3]);
  assert.equal(a.entries, 4);
  assertHolds(a.toDense(), [
    [2, 1, 0],
    [0, 0, 0],
    [0, 0, 7],
  ]);
  assertHolds(spmm(a, tensor([1, 10, 100])), [12, 0, 700]);
  assertHolds(spmm(a, tensor([[1], [10], [100]])), [[12], [0], [700]]);
  assertHolds(spmm(a.transpose(), tensor([1, 10, 100])), [2, 1, 700]);
  const none = CsrMatrix.fromDense(zeros([2, 3]));
  assertHolds(spmm(none, zeros([3, 1])), [[0], [0]]);
  assertHolds(none.transpose().toDense(), [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test('fromDense keeps what is not 0, and hands it the gradient', () => {
  fc.assert(
    fc.property(
      tensors([3, 4], { values: (n) => fc.array(fc.constantFrom(0, 0, 1, 2, -3), { minLength: n, maxLength: n }) }),
      (x) => {
        const a = leaf(x);
        const sparse = CsrMatrix.fromDense(a);
        assert.equal(sparse.entries, x.data.filter((v) => v !== 0).length);
        assertClose(sparse.toDense(), x, 0, 'dense');
        const [g] = grad(sum(mul(sparse.toDense(), 3)), [a]);
        assertHolds(
          g,
          tensor(
            x.data.map((v) => (v === 0 ? 0 : 3)),
            { shape: [3, 4] },
          ).toArray(),
        );
      },
    ),
  );
  assert.equal(CsrMatrix.fromDense(tensor([[Number.NaN, 0]])).entries, 1);
  assert.deepEqual(CsrMatrix.fromDense(zeros([0, 3])).toDense().shape, [0, 3]);
});

test('fromEdges takes pairs in any order; values of one pair add up, and share the gradient', () => {
  const edges = fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.integer({ min: -3, max: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(edges, (list) => {
      const [rows, columns] = [0, 1].map((i) => ints(list.map((e) => e[i])));
      const values = tensor(
        Float64Array.from(list, (e) => e[2]),
        { requiresGrad: true },
      );
      const a = CsrMatrix.fromEdges(rows, columns, { shape: [3, 4], values });
      const dense = Array.from({ length: 12 }, () => 0);
      for (const [i, j, v] of list) dense[i * 4 + j] += v;
      assertClose(a.toDense(), tensor(dense, { shape: [3, 4], dtype: 'float64' }), 0, 'dense');
      assert.equal(a.entries, new Set(list.map(([i, j]) => i * 4 + j)).size);
      for (let i = 0; i < 3; i++) {
        const row = a.indices.data.slice(a.indptr.data[i], a.indptr.data[i + 1]);
        assert.ok(
          row.every((j, k) => k === 0 || j > row[k - 1]),
          'columns rise within a row',
        );
      }
      const w = tensor(
        Float64Array.from({ length: 12 }, (_, i) => i),
        { shape: [3, 4] },
      );
      const [g] = grad(sum(mul(a.toDense(), w)), [values]);
      assertHolds(
        g,
        list.map(([i, j]) => i * 4 + j),
      );
    }),
  );
  const ring = CsrMatrix.fromEdges(ints([1, 0, 2]), ints([2, 1, 0]), { shape: [3, 3] });
  assertHolds(ring.toDense(), [
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]);
  assert.equal(CsrMatrix.fromEdges(ints([]), ints([]), { shape: [0, 0], dtype: 'float64' }).values.dtype, 'float64');
});

test('a pattern that is not one is refused, by name', () => {
  const make = (indptr: number[], indices: number[], m = 2, n = 2): CsrMatrix =>
    new CsrMatrix(ints(indptr), ints(indices), zeros([indices.length]), [m, n]);
  for (const [indptr, indices, why] of [
    [[1, 1, 2], [0, 0], /goes from 0 to 2/],
    [[0, 1, 1], [0, 0], /goes from 0 to 2/],
    [[0, 2, 1], [0], /falls from 2 to 1 at row 1/],
    [[0, 1, 2], [0, 2], /column 2 of entry 1/],
    [[0, 1, 2], [-1, 0], /column -1 of entry 0/],
  ] as const)
    assertRefuses(() => make([...indptr], [...indices]), DomainError, 'CsrMatrix', why);
  assertRefuses(() => make([0, 0], []), ShapeError, 'CsrMatrix', /indptr should be \[3\]/);
  for (const shape of [[2], [2, 2, 2], [-1, 2], [0.5, 2], 4, null] as never[])
    assertRefuses(() => new CsrMatrix(ints([0, 0, 0]), ints([]), zeros([0]), shape), DomainError, 'CsrMatrix', /shape/);
  assertRefuses(() => new CsrMatrix(zeros([1]), ints([]), zeros([0]), [0, 0]), DTypeError, 'CsrMatrix', /int32/);
  assertRefuses(() => new CsrMatrix(ints([0]), ints([]), ints([]), [0, 0]), DTypeError, 'CsrMatrix', /float/);
  const a = make([0, 1, 2], [0, 1]);
  assertRefuses(() => spmm(a, zeros([3, 1])), ShapeError, 'spmm', /x needs 2 rows/);
  assertRefuses(() => spmm(a, zeros([])), ShapeError, 'spmm');
  assertRefuses(() => spmm(a, zeros([2], { dtype: 'float64' })), DTypeError, 'spmm', /float32 and float64/);
  assertRefuses(() => spmm(zeros([2, 2]) as never, zeros([2])), DTypeError, 'spmm', /CsrMatrix/);
  const edges = { shape: [2, 2] } as const;
  assertRefuses(() => CsrMatrix.fromEdges(ints([2]), ints([0]), edges), DomainError, 'CsrMatrix.fromEdges', /row 2/);
  assertRefuses(() => CsrMatrix.fromEdges(ints([0]), ints([0, 1]), edges), ShapeError, 'CsrMatrix.fromEdges');
});

test('on meta: products have shapes; positions cannot be looked at', () => {
  const on = { device: meta } as const;
  const a = new CsrMatrix(
    zeros([4], { ...on, dtype: 'int32' }),
    zeros([9], { ...on, dtype: 'int32' }),
    zeros([9], on),
    [3, 5],
  );
  assert.deepEqual(spmm(a, zeros([5, 2], on)).shape, [3, 2]);
  assert.throws(() => a.toDense(), /CsrMatrix.toDense: the positions are on 'meta'/);
  assert.throws(() => CsrMatrix.fromDense(zeros([2, 2], on)), /CsrMatrix.fromDense: the positions/);
});

test('sparse matrices survive garbage', () => {
  const shape = fc.constantFrom<unknown>([2, 3], [0, 0], [3], null, 'ab', [Number.NaN, 1]);
  survives(
    'CsrMatrix',
    (...args: never[]) => new CsrMatrix(...(args as unknown as ConstructorParameters<typeof CsrMatrix>)),
    anyOperand,
    anyOperand,
    anyOperand,
    shape,
  );
  survives('CsrMatrix.fromDense', CsrMatrix.fromDense, anyOperand);
  survives('CsrMatrix.fromEdges', CsrMatrix.fromEdges, anyOperand, anyOperand, anyOptions('shape', 'values', 'dtype'));
});
