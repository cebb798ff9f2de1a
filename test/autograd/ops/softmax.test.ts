import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, logSoftmax, ShapeError, softmax, sum, tensor, zeros } from '../../../src/index.ts';
import { anyTensors, probes } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { anyOp, run } from '../../harness/gradients.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [softmax, logSoftmax]) checkOp(op, { attrs: [{}, { axis: -1 }] });

/** Tensors and any of their axes. */
const along = anyTensors({ minRank: 1, minSize: 1 }).chain((x) =>
  fc.integer({ min: -x.rank, max: x.rank - 1 }).map((axis) => ({ inputs: [x], attrs: { axis } })),
);
for (const op of [softmax, logSoftmax]) checkOp(op, { inputs: along });

test('the rule of a pass that is recorded is the kernel', () => {
  for (const op of [softmax, logSoftmax])
    fc.assert(
      fc.property(along, probes, (c, probe) => {
        const [one, two] = [false, true].map((createGraph) => run(anyOp(op), c, { probe, createGraph }));
        assertClose(one.gradients[0], two.gradients[0], 1e-13, op.record.name);
      }),
    );
});

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64' });

test('softmax: values by hand', () => {
  assertClose(softmax(double([0, Math.log(3)])), double([0.25, 0.75]), 1e-15, 'softmax');
  assertClose(logSoftmax(double([0, Math.log(3)])), double([Math.log(0.25), Math.log(0.75)]), 1e-15, 'logSoftmax');
  assertHolds(softmax(double([7])), [1]);
  assertHolds(
    softmax(
      tensor([
        [1, 5],
        [1, 5],
      ]),
      { axis: 0 },
    ),
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  );
});

test('rows of softmax are positive and sum to 1', () => {
  fc.assert(
    fc.property(along, ({ inputs: [x], attrs: { axis } }) => {
      const y = softmax(x, { axis });
      assert.ok(y.data.every((v) => v > 0));
      for (const total of sum(y, { axis }).data) assert.ok(Math.abs(total - 1) < 1e-14);
    }),
  );
});

test('huge entries neither overflow nor underflow', () => {
  for (const big of [1000, 1e30, 1e300]) {
    assertHolds(
      softmax(double([big, big, -big])),
      [0.5, 0.5, 0].map((v, i) => (i < 2 ? softmax(double([0, 0])).data[i] : v)),
    );
    assertHolds(logSoftmax(double([big, -big])), [0, -big - big]);
  }
  assertHolds(softmax(tensor([3e38, -3e38])), [1, 0]);
});

test('a masked entry (−∞) gets nothing; a row without a finite entry, or with +∞ or NaN, is NaN', () => {
  assertHolds(softmax(double([0, -Infinity])), [1, 0]);
  assertHolds(logSoftmax(double([0, -Infinity])), [0, -Infinity]);
  for (const row of [
    [-Infinity, -Infinity],
    [1, nan],
    [nan, 1],
  ]) {
    assertHolds(softmax(double(row)), [nan, nan]);
    assertHolds(logSoftmax(double(row)), [nan, nan]);
  }
  assert.ok(Number.isNaN(softmax(double([0, Infinity])).data[1]));
});

test('shifting a row by a constant changes nothing', () => {
  const x = double([0.5, -1, 2]);
  const shifted = double([64.5, 63, 66]);
  assertHolds(softmax(shifted), [...softmax(x).data]);
});

test('softmax and logSoftmax survive garbage', () => {
  for (const op of [softmax, logSoftmax]) {
    assertRefuses(() => op(zeros([2, 3]), 1 as never), DomainError, op.record.name, /options are an object/);
    survives(op.record.name, op, anyOperand, anyOptions('axis'));
  }
});

test('an axis that does not exist is refused by name', () => {
  for (const op of [softmax, logSoftmax]) {
    assertRefuses(() => op(zeros([2, 3]), { axis: 2 }), ShapeError, op.record.name, /axis 2 does not exist/);
    assertRefuses(() => op(tensor(1)), ShapeError, op.record.name);
  }
});
