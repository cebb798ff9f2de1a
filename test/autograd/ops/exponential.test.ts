import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { erf, exp, grad, log, sqrt, sum, tensor } from '../../../src/index.ts';
import { assertHolds } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(exp);
checkOp(log);
checkOp(sqrt);
checkOp(erf);

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const erfAt = (x: number): number => erf(tensor(x, { dtype: 'float64' })).item();

test('exp, log and sqrt: exact and special values', () => {
  assertHolds(exp(double([0, 1, -Infinity, Infinity, nan])), [1, Math.E, 0, Infinity, nan]);
  assertHolds(log(double([1, Math.E, 0, -1, Infinity])), [0, 1, -Infinity, nan, Infinity]);
  assertHolds(sqrt(double([4, 2, 0, -1, Infinity])), [2, Math.SQRT2, 0, nan, Infinity]);
});

test('exp, log and sqrt: the gradient at the ends of the domain', () => {
  const x = double([0, 1]);
  assertHolds(grad(sum(log(x)), [x])[0], [Infinity, 1]);
  assertHolds(grad(sum(sqrt(x)), [x])[0], [Infinity, 0.5]);
  const far = double([-Infinity]);
  assertHolds(grad(sum(exp(far)), [far])[0], [0]);
});

test('erf agrees with values to 30 digits within 1.2e-15 of them', () => {
  const known: readonly (readonly [number, number])[] = [
    [2 ** -40, 1.0262548740643184e-12],
    [0.25, 0.2763263901682369],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [3.5, 0.9999992569016276],
    [5, 0.9999999999984626],
  ];
  for (const [x, y] of known) {
    assert.ok(Math.abs(erfAt(x) - y) <= 1.2e-15 * y, `erf(${x}) = ${erfAt(x)}, not ${y}`);
    assert.equal(erfAt(-x), -erfAt(x));
  }
});

test('erf: special values', () => {
  assertHolds(erf(double([0, -0, Infinity, -Infinity, nan, 6, -40])), [0, -0, 1, -1, nan, 1, -1]);
  assert.equal(erfAt(5e-324), 5e-324);
});

test('erf is odd, and rises but for rounding, within ±1', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 7, noNaN: true }),
      fc.double({ min: 1e-9, max: 0.1, noNaN: true }),
      (x, step) => {
        const [low, high] = [erfAt(x), erfAt(x + step)];
        assert.ok(low <= high + 4e-16 && high <= 1, `${low} ${high}`);
        assert.ok(Object.is(erfAt(-x), -low));
      },
    ),
  );
});

test('erf has no step where its series hands over to its continued fraction', () => {
  const below = 3 - 2 ** -51;
  const rise = (2 / Math.sqrt(Math.PI)) * Math.exp(-9) * (3 - below);
  assert.ok(Math.abs(erfAt(3) - erfAt(below) - rise) <= 1.5e-15);
});
