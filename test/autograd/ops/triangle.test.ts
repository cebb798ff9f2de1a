import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diag, diagEmbed, diagonal, tril, triu } from '../../../src/autograd/ops/triangle.ts';
import {
  add,
  DomainError,
  DTypeError,
  grad,
  gradgradcheck,
  mul,
  ShapeError,
  sub,
  sum,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

const offsets = [{}, { offset: 0 }, { offset: 1 }, { offset: -1 }, { offset: 3 }, { offset: -9 }];
for (const op of [tril, triu]) checkOp(op, { attrs: offsets });

const matrices = anyTensors({ minRank: 2 });
const offset = fc.integer({ min: -5, max: 5 });

test('tril and triu: what lies on one side of a diagonal; together they are x and that diagonal again', () => {
  fc.assert(
    fc.property(matrices, offset, (x, k) => {
      const below = (i: readonly number[]): number => (i.at(-1) as number) - (i.at(-2) as number);
      const [lower, upper] = [tril(x, { offset: k }), triu(x, { offset: k })];
      assert.deepEqual(
        [...lower.data],
        valuesOf(x.shape, (i) => (below(i) <= k ? at(x, i) : 0)),
      );
      assert.deepEqual(
        [...upper.data],
        valuesOf(x.shape, (i) => (below(i) >= k ? at(x, i) : 0)),
      );
      assertSame(add(sub(x, tril(x, { offset: k - 1 })), 0), add(upper, 0), 'x − lower');
    }),
  );
});

test('what is cut off is 0, whatever it was', () => {
  const x = tensor([
    [Number.NaN, Infinity],
    [1, Number.NaN],
  ]);
  assertHolds(tril(x, { offset: -1 }), [
    [0, 0],
    [1, 0],
  ]);
  assertHolds(
    triu(
      tensor([
        [true, true],
        [true, true],
      ]),
    ),
    [
      [true, true],
      [false, true],
    ],
  );
});

/** A tensor, two of its axes (from either end), and a diagonal. */
const cuts = matrices.chain((x) => {
  const axes = fc.shuffledSubarray(
    x.shape.map((_, i) => i),
    { minLength: 2, maxLength: 2 },
  );
  return fc.record({ x: fc.constant(x), pair: axes, back: fc.boolean(), offset });
});

test('diagonal: element [head, d] is x at the d-th place of the diagonal of two axes', () => {
  fc.assert(
    fc.property(cuts, ({ x, pair: [p, q], back, offset: k }) => {
      const y = diagonal(x, { axes: [back ? p - x.rank : p, q], offset: k });
      const rest = x.shape.flatMap((_, i) => (i === p || i === q ? [] : [i]));
      const length =
        x.shape[p] === 0
          ? 0
          : Array.from({ length: x.shape[p] }, (_, i) => i + k).filter((j) => j >= 0 && j < x.shape[q]).length;
      assert.deepEqual(y.shape, [...rest.map((i) => x.shape[i]), length]);
      const expected = valuesOf(y.shape, (index) => {
        const place = x.shape.map((_, i) => index[rest.indexOf(i)]);
        const d = index.at(-1) as number;
        return at(x, place.with(p, d + Math.max(0, -k)).with(q, d + Math.max(0, k)));
      });
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('diagEmbed puts vectors on diagonals, from where diagonal takes them', () => {
  fc.assert(
    fc.property(anyTensors({ minRank: 1 }), offset, (x, k) => {
      const y = diagEmbed(x, { offset: k });
      const n = (x.shape.at(-1) as number) + Math.abs(k);
      assert.deepEqual(y.shape, [...x.shape.slice(0, -1), n, n]);
      const expected = valuesOf(y.shape, (i) => {
        const [row, column] = i.slice(-2);
        return column - row === k ? at(x, [...i.slice(0, -2), Math.min(row, column)]) : 0;
      });
      assert.deepEqual([...y.data], expected);
      assertSame(diagonal(y, { offset: k, axes: [-2, -1] }), x, 'and back');
    }),
  );
});

test('diag: a vector becomes a matrix, a matrix gives its diagonal', () => {
  assertHolds(diag(tensor([1, 2])), [
    [1, 0],
    [0, 2],
  ]);
  assertHolds(diag(tensor([1, 2]), { offset: -1 }), [
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
  ]);
  assertHolds(
    diag(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      { offset: 1 },
    ),
    [2, 6],
  );
  assertHolds(
    diag(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      { offset: -2 },
    ),
    [],
  );
  assertHolds(diag(zeros([0])), []);
  assertHolds(diag(zeros([0]), { offset: 1 }), [[0]]);
  assertHolds(diag(zeros([2, 0])), []);
});

test('gradients go to the diagonal, and through it twice', () => {
  const x = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  assertHolds(grad(sum(mul(diagonal(x, { offset: -1 }), tensor([10, 100]))), [x])[0], [
    [0, 0],
    [10, 0],
    [0, 100],
  ]);
  const v = tensor([1, 2], { requiresGrad: true });
  assertHolds(
    grad(
      sum(
        mul(
          diag(v),
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
      [v],
    )[0],
    [1, 4],
  );
  const square = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  gradgradcheck((t) => mul(diagEmbed(diagonal(t)), t), [square]);
});

test('what does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  for (const op of [tril, triu, diag, diagonal, diagEmbed]) {
    for (const k of [0.5, Number.NaN, Infinity, '1', []] as never[])
      assertRefuses(() => op(x, { offset: k }), DomainError, op.name, /offset is a whole number/);
    assertRefuses(() => op(x, 1 as never), DomainError, op.name, /options are an object/);
    assertRefuses(() => op(x, { diagonal: 1 } as never), DomainError, op.name, /no option 'diagonal'/);
    assertRefuses(() => op([[1]] as never), DTypeError, op.name);
  }
  for (const op of [tril, triu]) assertRefuses(() => op(zeros([3])), ShapeError, op.name);
  for (const axes of [[0, 0], [0, -2], [0], [0, 1, 1], [0, 2], [0, Number.NaN]] as never[])
    assertRefuses(() => diagonal(x, { axes }), ShapeError, 'diagonal');
  assertRefuses(() => diagonal(x, { axes: 1 as never }), DomainError, 'diagonal', /list/);
  assertRefuses(() => diagonal(zeros([3])), ShapeError, 'diagonal', /axis 1/);
  assertRefuses(() => diagEmbed(tensor(1)), ShapeError, 'diagEmbed', /axis -1/);
  assertRefuses(() => diag(tensor(1)), ShapeError, 'diag', /vector or a matrix/);
  assertRefuses(() => diag(zeros([1, 1, 1])), ShapeError, 'diag', /vector or a matrix/);
});
