import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bilinear, dot, outer } from '../../../src/autograd/ops/product.ts';
import {
  DomainError,
  DTypeError,
  grad,
  gradcheck,
  gradgradcheck,
  type MatmulAttrs,
  matmul,
  meta,
  reshape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { shapes, tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(dot);
checkOp(outer);
checkOp(bilinear);

const double = (x: number | number[] | number[][]) => tensor(x, { dtype: 'float64' });

test('dot and outer by hand', () => {
  assertHolds(dot(tensor([1, 2, 3]), tensor([4, 5, 6])), 32);
  assertHolds(dot(zeros([0]), zeros([0])), 0);
  assertHolds(outer(tensor([1, 2]), tensor([3, 4, 5])), [
    [3, 4, 5],
    [6, 8, 10],
  ]);
  assertHolds(outer(tensor([1]), zeros([0])), [[]]);
  assertHolds(dot(tensor([2 ** 24, 1, 1]), tensor([1, 1, 1])), 2 ** 24 + 2);
  assertRefuses(() => dot(zeros([2]), zeros([3])), ShapeError, 'dot', /axis 'n' is 2 and 3/);
  assertRefuses(() => dot(zeros([2, 2]), zeros([2, 2])), ShapeError, 'dot');
  assertRefuses(() => outer(zeros([2]), zeros([2], { dtype: 'float64' })), DTypeError, 'outer');
});

test('bilinear is the sum over both vectors, for every output', () => {
  const sizes = fc.tuple(shapes({ maxRank: 2 }), fc.nat(3), fc.nat(3), fc.nat(3));
  const cases = sizes.chain(([lead, i, j, o]) =>
    fc.tuple(tensors([...lead, i]), tensors([...lead, j]), tensors([o, i, j]), tensors([o])),
  );
  fc.assert(
    fc.property(cases, ([x1, x2, weight, bias]) => {
      const y = bilinear(x1, x2, weight, { bias });
      const [o, m, n] = weight.shape;
      const naive = valuesOf([...x1.shape.slice(0, -1), o], (index) => {
        const [lead, k] = [index.slice(0, -1), index[index.length - 1]];
        let total = 0;
        for (let p = 0; p < m; p++)
          for (let q = 0; q < n; q++) total += at(x1, [...lead, p]) * at(weight, [k, p, q]) * at(x2, [...lead, q]);
        return total + at(bias, [k]);
      });
      assertClose(y, tensor(naive, { shape: [...x1.shape.slice(0, -1), o], dtype: 'float64' }), 1e-13, 'bilinear');
    }),
  );
});

test('bilinear: the bias gets its gradient, and what does not fit is refused', () => {
  const bias = tensor([1, 2], { requiresGrad: true });
  const x = tensor([[1, 2, 3]]);
  assertHolds(grad(sum(bilinear(x, x, zeros([2, 3, 3]), { bias })), [bias])[0], [1, 1]);
  assertRefuses(() => bilinear(x, x, zeros([2, 3, 4])), ShapeError, 'bilinear', /axis 'j' is 3 and 4/);
  assertRefuses(() => bilinear(x, x, zeros([2, 3, 3]), { bias: zeros([3]) }), ShapeError, 'bilinear', /bias should be/);
  const double = zeros([2], { dtype: 'float64' });
  assertRefuses(() => bilinear(x, x, zeros([2, 3, 3]), { bias: double }), DTypeError, 'bilinear', /bias/);
});

const layouts: readonly MatmulAttrs[] = [{}, { transA: true }, { transB: true }, { transA: true, transB: true }];
const matrix = double([
  [1, 2, 3],
  [4, 5, 6],
]);

test('matmul of vectors by hand: a row on the left, a column on the right', () => {
  assertHolds(matmul(matrix, double([1, 10, 100])), [321, 654]);
  assertHolds(matmul(double([1, 10]), matrix), [41, 52, 63]);
  assertHolds(matmul(double([1, 2]), double([3, 4])), 11);
  assertHolds(matmul(zeros([0]), zeros([0])), 0);
  assertHolds(matmul(double([1, 10, 100]), matrix, { transB: true }), [321, 654]);
  assertHolds(matmul(matrix, double([1, 10]), { transA: true }), [41, 52, 63]);
  const batch = reshape(double([1, 2, 3, 4, 5, 6, 7, 8]), [2, 2, 2]);
  assertHolds(matmul(batch, double([1, 10])), [
    [21, 43],
    [65, 87],
  ]);
  assertHolds(matmul(double([1, 10]), batch), [
    [31, 42],
    [75, 86],
  ]);
});

/** A product in which one operand, or both, is a vector, and the same with that vector as a matrix. */
const withVectors = fc
  .tuple(
    shapes({ maxRank: 2 }),
    fc.nat(3),
    fc.nat(3),
    fc.constantFrom('left', 'right', 'both'),
    fc.constantFrom(...layouts),
  )
  .chain(([lead, k, n, side, attrs]) => {
    const own = (transposed: boolean | undefined, m: number, w: number): number[] =>
      transposed ? [...lead, w, m] : [...lead, m, w];
    const a = side === 'right' ? own(attrs.transA, n, k) : [k];
    const b = side === 'left' ? own(attrs.transB, k, n) : [k];
    return fc.tuple(tensors(a), tensors(b)).map(([x, y]) => ({ x, y, attrs }));
  });

test('a vector is a matrix of one row or column whose axis is gone; a flag leaves it as it is', () => {
  fc.assert(
    fc.property(withVectors, ({ x, y, attrs }) => {
      const { transA = false, transB = false } = attrs;
      const [row, column] = [x.rank === 1, y.rank === 1];
      const p = row ? reshape(x, [1, x.size]) : x;
      const q = column ? reshape(y, [y.size, 1]) : y;
      const wide = matmul(p, q, { transA: transA && !row, transB: transB && !column });
      const shape = wide.shape.filter((_, i) => !((row && i === wide.rank - 2) || (column && i === wide.rank - 1)));
      assertSame(matmul(x, y, attrs), reshape(wide, shape), 'product');
      const shadows = [x, y].map((t) => zeros(t.shape, { dtype: t.dtype, device: meta }));
      assert.deepEqual(matmul(shadows[0], shadows[1], attrs).shape, shape);
    }),
  );
});

test('products with vectors: gradients of both orders are central differences', () => {
  fc.assert(
    fc.property(withVectors, ({ x, y, attrs }) => {
      const f = (a: Tensor, b: Tensor): Tensor => matmul(a, b, attrs);
      gradcheck(f, [leaf(x), leaf(y)], { fast: true });
      gradgradcheck(f, [leaf(x), leaf(y)], { fast: true });
    }),
    { numRuns: 40 },
  );
});

test('matmul of vectors: errors show the shapes that were given', () => {
  assertRefuses(
    () => matmul(zeros([2, 3]), zeros([2])),
    ShapeError,
    'matmul',
    /^matmul: axis 'k' is 3 and 2 in \(…~ m k, k -> …~ m\), got \[2,3\] · \[2\]$/,
  );
  assertRefuses(() => matmul(zeros([2]), zeros([])), ShapeError, 'matmul', /operand 1 should be/);
  assertRefuses(() => matmul(zeros([2]), zeros([2], { dtype: 'float64' })), DTypeError, 'matmul');
  for (const op of [
    () => matmul(matrix, matrix, { transB: 1 as never }),
    () => matmul(zeros([2]), zeros([2]), { trans: true } as never),
  ])
    assertRefuses(op, DomainError, 'matmul');
});

test('products survive garbage', () => {
  for (const op of [dot, outer]) survives(op.record.name, op, anyOperand, anyOperand);
  survives('matmul', matmul, anyOperand, anyOperand, anyOptions('transA', 'transB'));
  survives('bilinear', bilinear, anyOperand, anyOperand, anyOperand, anyOptions('bias'));
});
