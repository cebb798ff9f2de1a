import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CumulativeAttrs, cumprod, cumsum, linearScan } from '../../../src/autograd/ops/cumulative.ts';
import { DomainError, DTypeError, grad, ShapeError, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { onGrid, shapes, tensors, type Values } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { at, indices } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** Zeros are common: where gradients of products go wrong. */
const withZeros: Values = (size) =>
  fc.array(fc.constantFrom(0, 0, 0.5, -1, 1.5, 2, -0.25), { minLength: size, maxLength: size });

const attrsFor = (rank: number): fc.Arbitrary<CumulativeAttrs> =>
  fc.record({ axis: fc.integer({ min: -rank, max: rank - 1 }), reverse: fc.boolean(), exclusive: fc.boolean() });

/** Calls with that many operands of one shape. */
const runs = (operands: number, values: Values) =>
  shapes({ minRank: 1 }).chain((shape) =>
    fc.record({
      inputs: fc.tuple(...Array.from({ length: operands }, () => tensors(shape, { values }))),
      attrs: attrsFor(shape.length),
    }),
  );

checkOp(cumsum, { inputs: runs(1, onGrid) });
checkOp(cumprod, { inputs: runs(1, withZeros) });
checkOp(linearScan, { inputs: runs(2, withZeros) });

const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

/** What comes before each element in its run, nearest last: the values of x there, with the element itself unless exclusive. */
function befores(x: Tensor, { axis = -1, reverse = false, exclusive = false }: CumulativeAttrs): number[][] {
  const along = (axis + x.rank) % x.rank;
  const line = (index: readonly number[]): number[] => {
    const positions = Array.from({ length: x.shape[along] }, (_, k) => k);
    const own = index[along];
    const kept = positions.filter((k) => (reverse ? k > own : k < own) || (!exclusive && k === own));
    return (reverse ? kept.reverse() : kept).map((k) => at(x, index.with(along, k)));
  };
  return x.size === 0 ? [] : indices(x.shape).map(line);
}

test('cumsum, cumprod and linearScan agree with their definition, element by element', () => {
  const cases = runs(2, onGrid);
  const check = (y: Tensor, expected: readonly number[], what: string): void => {
    const same = tensor([...expected], { dtype: 'float64', shape: y.shape });
    assertClose(y, same, 1e-14, what);
  };
  fc.assert(
    fc.property(cases, ({ inputs: [a, b], attrs }) => {
      const lines = befores(a, attrs);
      check(
        cumsum(a, attrs),
        lines.map((line) => line.reduce((s, v) => s + v, 0)),
        'cumsum',
      );
      check(
        cumprod(a, attrs),
        lines.map((line) => line.reduce((s, v) => s * v, 1)),
        'cumprod',
      );
      const added = befores(b, attrs);
      const states = lines.map((line, i) => line.reduce((h, v, k) => v * h + added[i][k], 0));
      check(linearScan(a, b, attrs), states, 'linearScan');
    }),
  );
});

test('values by hand, the last axis by default', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assertHolds(cumsum(x), [
    [1, 3, 6],
    [4, 9, 15],
  ]);
  assertHolds(cumsum(x, { axis: 0, reverse: true }), [
    [5, 7, 9],
    [4, 5, 6],
  ]);
  assertHolds(cumprod(x, { exclusive: true }), [
    [1, 1, 2],
    [1, 4, 20],
  ]);
  assertHolds(linearScan(tensor([9, 2, 3]), tensor([1, 1, 1])), [1, 3, 10]);
});

test('cumprod: the gradient past one zero and two', () => {
  const slope = (values: number[]): Tensor => {
    const x = double(values);
    return grad(sum(cumprod(x)), [x])[0];
  };
  // y = x0 + x0·x1 + x0·x1·x2 + …
  assertHolds(slope([2, 3, 4]), [1 + 3 + 12, 2 + 8, 6]);
  assertHolds(slope([2, 0, 3]), [1, 2 + 6, 0]);
  assertHolds(slope([2, 0, 3, 0, 5]), [1, 2 + 6, 0, 0, 0]);
  assertHolds(slope([0, 0]), [1, 0]);
});

test('sums and products of float32 are kept in float64; of int32 they wrap; of bool they are int32', () => {
  const many = Array.from({ length: 1001 }, (_, i) => (i === 0 ? 2 ** 24 : 1));
  assert.equal(cumsum(tensor(many)).data[1000], 2 ** 24 + 1000);
  assert.equal(cumprod(tensor([1e30, 1e30, 1e-30])).data[1], Infinity);
  assert.ok(cumprod(tensor([1e30, 1e30, 1e-30])).data[2] > 9e29);
  const big = tensor([2 ** 30, 3, 3], { dtype: 'int32' });
  assertHolds(cumsum(big), [2 ** 30, 2 ** 30 + 3, 2 ** 30 + 6]);
  assertHolds(
    cumprod(big),
    [2 ** 30, -(2 ** 30), -3 * 2 ** 30 + 2 ** 32 - 2 ** 32].map((v) => v | 0),
  );
  const counts = cumsum(tensor([true, false, true]));
  assertHolds(counts, [1, 1, 2]);
  assert.equal(counts.dtype, 'int32');
  assertHolds(cumprod(tensor([true, false])), [1, 0]);
});

test('NaN and infinity stay behind the element that brought them', () => {
  const { NaN: nan } = Number;
  assertHolds(cumsum(double([1, Infinity, -Infinity, 1])), [1, Infinity, nan, nan]);
  assertHolds(cumprod(double([2, nan, 0])), [2, nan, nan]);
});

test('what is not an axis or an option is refused under the name that was called', () => {
  const x = zeros([2, 3]);
  for (const [name, call] of [
    ['cumsum', (attrs: never) => cumsum(x, attrs)],
    ['cumprod', (attrs: never) => cumprod(x, attrs)],
    ['linearScan', (attrs: never) => linearScan(x, x, attrs)],
  ] as const) {
    for (const axis of [2, -3, Number.NaN, 0.5, [0], '0', null])
      assertRefuses(() => call({ axis } as never), ShapeError, name);
    for (const bad of [0, [0], { dim: 0 }, { reverse: 1 }, { exclusive: 'no' }])
      assertRefuses(() => call(bad as never), DomainError, name);
  }
  assertRefuses(() => cumsum(tensor(1)), ShapeError, 'cumsum', /axis/);
  assertRefuses(() => linearScan(x, zeros([3])), ShapeError, 'linearScan');
  assertRefuses(() => linearScan(x, zeros([2, 3], { dtype: 'int32' })), DTypeError, 'linearScan');
});
