import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { repeat, repeatInterleave } from '../../../src/autograd/ops/repeat.ts';
import {
  DomainError,
  DTypeError,
  grad,
  gradgradcheck,
  mul,
  ShapeError,
  square,
  sum,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { withAxis } from '../../harness/indices.ts';
import { at, valuesOf } from '../../harness/naive.ts';

test('repeat: element i of the result is element i mod n of x, axes matched from the last', () => {
  fc.assert(
    fc.property(anyTensors(), fc.array(fc.nat(3), { maxLength: 4 }), (x, times) => {
      const y = repeat(x, times);
      const rank = Math.max(x.rank, times.length);
      const own = (list: readonly number[], i: number): number => list[i - rank + list.length] ?? 1;
      const shape = Array.from({ length: rank }, (_, i) => own(x.shape, i) * own(times, i));
      assert.deepEqual(y.shape, shape);
      const expected = valuesOf(shape, (index) =>
        at(
          x,
          x.shape.map((n, i) => index[i + rank - x.rank] % n),
        ),
      );
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('repeatInterleave: each element of an axis as often as its number says', () => {
  const cases = withAxis.chain(({ x, axis, from }) => {
    const n = x.shape[from];
    const each = fc.array(fc.nat(3), { minLength: n, maxLength: n });
    return fc.record({
      x: fc.constant(x),
      axis: fc.constant(axis),
      from: fc.constant(from),
      repeats: fc.oneof(fc.nat(3), each),
    });
  });
  fc.assert(
    fc.property(cases, ({ x, axis, from, repeats }) => {
      const y = repeatInterleave(x, { repeats, axis });
      const picks = Array.from({ length: x.shape[from] }, (_, i) => i).flatMap((i) =>
        new Array<number>(typeof repeats === 'number' ? repeats : repeats[i]).fill(i),
      );
      assert.deepEqual(y.shape, x.shape.with(from, picks.length));
      assert.deepEqual(
        [...y.data],
        valuesOf(y.shape, (i) => at(x, i.with(from, picks[i[from]]))),
      );
    }),
  );
});

test('the two differ as NumPy’s tile and repeat do; both sum their gradients', () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  assertHolds(repeat(x, 2), [[1, 2, 1, 2]]);
  assertHolds(repeat(x, [2, 1]), [
    [1, 2],
    [1, 2],
  ]);
  assertHolds(repeatInterleave(x, { repeats: 2 }), [1, 1, 2, 2]);
  assertHolds(repeatInterleave(x, { repeats: [0, 3], axis: 1 }), [[2, 2, 2]]);
  assertHolds(repeatInterleave(tensor(5), { repeats: 2 }), [5, 5]);
  assertHolds(repeat(tensor([true, false]), 2), [true, false, true, false]);
  assertHolds(grad(sum(mul(repeat(x, 2), tensor([1, 10, 100, 1000]))), [x])[0], [[101, 1010]]);
  assertHolds(grad(sum(mul(repeatInterleave(x, { repeats: 2 }), tensor([1, 10, 100, 1000]))), [x])[0], [[11, 1100]]);
  assertHolds(grad(sum(repeat(x, [0, 1])), [x])[0], [[0, 0]]);
  const wide = tensor([1, -2], { dtype: 'float64', requiresGrad: true });
  gradgradcheck((t) => square(repeat(t, [2, 2])), [wide]);
  gradgradcheck((t) => square(repeatInterleave(t, { repeats: [1, 2] })), [wide]);
});

test('what does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  for (const times of [-1, 0.5, Number.NaN, [1, -1], ['2'], 'x', undefined, null, {}] as never[])
    assertRefuses(() => repeat(x, times), DomainError, 'repeat', /times/);
  for (const repeats of [-1, 0.5, Number.NaN, [1, -1], ['2', 1], 'x', undefined] as never[])
    assertRefuses(() => repeatInterleave(x, { repeats, axis: 0 }), DomainError, 'repeatInterleave', /repeats/);
  assertRefuses(
    () => repeatInterleave(x, { repeats: [1, 2, 3], axis: 0 }),
    ShapeError,
    'repeatInterleave',
    /3 repeats/,
  );
  assertRefuses(() => repeatInterleave(x, { repeats: 1, axis: 2 }), ShapeError, 'repeatInterleave', /axis 2/);
  assertRefuses(() => repeatInterleave(x, 2 as never), DomainError, 'repeatInterleave', /options/);
  assertRefuses(() => repeat([1] as never, 2), DTypeError, 'repeat');
  assertRefuses(() => repeatInterleave(1 as never, { repeats: 2 }), DTypeError, 'repeatInterleave');
});
