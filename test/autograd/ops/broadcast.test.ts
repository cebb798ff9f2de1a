import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, expand, type Shape, ShapeError, sumTo, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { narrowed, shapes, tensors } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

/** A narrow shape and the wide shape that it broadcasts to. */
const pairs = shapes().chain((wide) => fc.tuple(narrowed(wide), fc.constant(wide)));

checkOp(expand, {
  inputs: pairs.chain(([narrow, wide]) => tensors(narrow).map((x) => ({ inputs: [x], attrs: wide }))),
});
checkOp(sumTo, {
  inputs: pairs.chain(([narrow, wide]) => tensors(wide).map((x) => ({ inputs: [x], attrs: narrow }))),
});

const dot = (a: Tensor, b: Tensor): number => [...a.data].reduce((total, v, i) => total + v * b.data[i], 0);

test('sumTo is the adjoint of expand: <expand x, y> = <x, sumTo y>', () => {
  const triples = pairs.chain(([narrow, wide]) => fc.tuple(tensors(narrow), tensors(wide)));
  fc.assert(
    fc.property(triples, ([x, y]) => {
      assert.equal(dot(expand(x, y.shape), y), dot(x, sumTo(y, x.shape)));
    }),
  );
});

test('expand: values by hand', () => {
  const [one, two] = [
    [1, 1, 1],
    [2, 2, 2],
  ];
  assertHolds(expand(tensor([[1], [2]]), [2, 2, 3]), [
    [one, two],
    [one, two],
  ]);
  assertHolds(expand(tensor([true]), [2]), [true, true]);
  assertHolds(expand(tensor([5]), [0]), []);
});

test('sumTo: values by hand', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assertHolds(sumTo(x, [2, 1]), [[6], [15]]);
  assertHolds(sumTo(x, [3]), [5, 7, 9]);
  assertHolds(sumTo(x, []), 21);
  assertHolds(sumTo(zeros([0, 2]), [1, 2]), [[0, 0]]);
});

test('a shape that does not broadcast is refused by name', () => {
  const x = zeros([2, 3]);
  for (const shape of [[3], [2, 4], [3, 3], []] as Shape[])
    assertRefuses(() => expand(x, shape), ShapeError, 'expand', /does not broadcast/);
  for (const shape of [[2], [1, 2, 3], [2, 2]] as Shape[])
    assertRefuses(() => sumTo(x, shape), ShapeError, 'sumTo', /does not broadcast/);
  for (const op of [expand, sumTo])
    for (const shape of [
      [2, -1],
      [2, 1.5],
    ] as Shape[])
      assertRefuses(() => op(x, shape), DomainError, op.record.name);
});

test('a shape that the caller changes later changes no tensor', () => {
  const x = zeros([2, 3]);
  for (const op of [expand, sumTo]) {
    const shape = [2, 3];
    const y = op(x, shape);
    shape[0] = 9;
    assert.deepEqual(y.shape, [2, 3]);
  }
  const wide = [4, 2, 3];
  const y = expand(x, wide);
  wide[0] = 9;
  assertClose(y, zeros([4, 2, 3]), 0, 'expanded');
});
