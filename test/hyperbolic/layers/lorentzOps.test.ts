/** The fused ops of the Lorentz layers: the laws of every op, points on the hyperboloid whatever comes in, and the guarded places. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lorentzLift } from '../../../src/hyperbolic/layers/lorentzLift.op.ts';
import { lorentzPairs } from '../../../src/hyperbolic/layers/lorentzPairs.op.ts';
import { lorentzNormalise } from '../../../src/hyperbolic/lorentzNormalise.op.ts';
import {
  abs,
  add,
  backward,
  concat,
  DomainError,
  type DType,
  mul,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { awayFromZero, onGrid, tensors, type Values, within } from '../../harness/arbitraries.ts';
import type { Case } from '../../harness/cases.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

const positive: Values = within([0, Infinity]);
const leads = fc.constantFrom<readonly number[]>([], [1], [3], [2, 2], [0], [2, 0]);

/** Sums of points: the time of each row exceeds the length of its space. */
const timelike: fc.Arbitrary<Case<undefined>> = fc
  .record({ lead: leads, d: fc.nat(3), c: tensors([], { values: positive }) })
  .chain(({ lead, d, c }) =>
    fc
      .tuple(tensors([...lead, 1], { values: awayFromZero(1 / 4) }), tensors([...lead, d]))
      .map(([time, space]) => concat([add(abs(time), 1), mul(space, 0.25)], { axis: -1 }))
      .map((s) => ({ inputs: [s, c], attrs: undefined })),
  );

const nearly = { rtol: 1e-5, atol: 1e-5 };
checkOp(lorentzLift, { values: [awayFromZero(1 / 4), onGrid, positive], empty: false, difference: nearly });
checkOp(lorentzNormalise, { inputs: timelike, difference: nearly });

/** Pairs of rows, with repetitions, and of rows with themselves. */
const paired: fc.Arbitrary<Case<undefined>> = fc
  .record({ nodes: fc.integer({ min: 1, max: 5 }), n: fc.integer({ min: 1, max: 4 }), e: fc.nat(6) })
  .chain(({ nodes, n, e }) =>
    fc
      .tuple(tensors([nodes, n]), fc.array(fc.nat(nodes - 1), { minLength: 2 * e, maxLength: 2 * e }))
      .map(([x, ends]) => ({ inputs: [x, tensor(Int32Array.from(ends), { shape: [e, 2] })], attrs: undefined })),
  );
checkOp(lorentzPairs, { inputs: paired });

const dtypes = fc.constantFrom<DType>('float32', 'float64');
const curvatures = fc.constantFrom(1e-3, 0.1, 1, 10, 100);
/** From the smallest to the largest numbers of float32, and 0. */
const wild = fc
  .tuple(fc.constantFrom(-1, 1, 0), fc.integer({ min: -44, max: 37 }), fc.integer({ min: 1, max: 9 }))
  .map(([sign, exponent, digit]) => (sign === 0 ? 0 : sign * digit * 10 ** exponent));

const rowsOf = (x: Tensor): number[][] => {
  const n = x.shape[x.rank - 1];
  return Array.from({ length: x.size / n }, (_, i) => [...x.data.slice(i * n, (i + 1) * n)]);
};

/** c·|<y, y> + 1/c| over c·y0²: how far from the hyperboloid, relative to the size of the point. */
const residual = ([time, ...space]: number[], c: number): number =>
  Math.abs(-1 + (space.reduce((total, x) => total + x * x, 0) + 1 / c) / time ** 2);

function finite(x: Tensor | null, what: string): void {
  assert.ok(x?.data.every(Number.isFinite) ?? true, `${what} is ${x}`);
}

/** Points, and that they and every gradient are finite and the points on the hyperboloid. */
function checkPoint(call: (...xs: Tensor[]) => Tensor, operands: readonly Tensor[], c: number): void {
  for (const x of operands) x.requiresGrad = true;
  const y = call(...operands);
  backward(sum(y));
  finite(y, 'value');
  for (const [i, x] of operands.entries()) finite(x.grad, `gradient ${i}`);
  const worst = y.dtype === 'float32' ? 1e-6 : 1e-14;
  for (const row of rowsOf(y)) assert.ok(residual(row, c) < worst, `${row} is off by ${residual(row, c)}`);
}

describe('whatever finite numbers come in, the point is on the hyperboloid and nothing is NaN or infinite', () => {
  const vectors = fc.array(fc.array(wild, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 3 });
  test('lorentzLift', () => {
    const scales = fc.oneof(wild, fc.constantFrom(-1000, 39, 41, 1000));
    fc.assert(
      fc.property(vectors, scales, curvatures, dtypes, (rows, s, c, dtype) => {
        const [z, scale, k] = [tensor(rows, { dtype }), tensor(s, { dtype }), tensor(c, { dtype })];
        checkPoint(lorentzLift, [z, scale, k], c);
      }),
    );
  });
  test('lorentzNormalise', () => {
    fc.assert(
      fc.property(vectors, curvatures, dtypes, (rows, c, dtype) => {
        checkPoint(lorentzNormalise, [tensor(rows, { dtype }), tensor(c, { dtype })], c);
      }),
    );
  });
});

const float64 = { dtype: 'float64' } as const;
const gradients = (call: (...xs: Tensor[]) => Tensor, ...operands: Tensor[]): (Tensor | null)[] => {
  for (const x of operands) x.requiresGrad = true;
  backward(sum(call(...operands)));
  return operands.map((x) => x.grad);
};

describe('lorentzLift', () => {
  test('has the time that HyboNet gives it, by hand', () => {
    const y = lorentzLift(tensor([0, 3, -4], float64), Math.log(10), 1);
    const radius = Math.sqrt(6.1 ** 2 - 1);
    assertClose(y, tensor([6.1, radius * 0.6, radius * -0.8], float64), 1e-15, 'y');
  });
  test('only the direction of the space counts', () => {
    const [a, b] = [1e-6, 1e9].map((k) => lorentzLift(tensor([0.5, 3 * k, -4 * k], float64), 1, 0.5));
    assertClose(a, b, 1e-14, 'y');
  });
  test('without a direction it is the origin, and only c gets a gradient', () => {
    for (const row of [[2], [2, 0, 0], [2, 1e-101, 0]]) {
      const operands = [tensor(row, float64), tensor(1, float64), tensor(4, float64)];
      assertClose(lorentzLift(operands[0], 1, 4), tensor([0.5, 0, 0].slice(0, row.length), float64), 0, 'y');
      const [dz, ds, dc] = gradients(lorentzLift, ...operands);
      assertClose(dz as Tensor, zeros([row.length], float64), 0, 'dz');
      assertClose(ds as Tensor, zeros([], float64), 0, 'ds');
      assertClose(dc as Tensor, tensor(-1 / 16, float64), 1e-15, 'dc = −1/(2c√c)');
    }
  });
  test('the scale ends at its largest, where its gradient ends', () => {
    const lift = (s: number): Tensor => lorentzLift(tensor([1, 1], float64), s, 1);
    assertClose(lift(341), lift(340), 0, 'value');
    assert.equal(
      gradients(lorentzLift, tensor([1, 1], float64), tensor(341, float64), tensor(1, float64))[1]?.item(),
      0,
    );
  });
  test('NaN comes out as NaN', () => {
    for (const row of [
      [Number.NaN, 1],
      [1, Number.NaN],
    ])
      assert.ok(
        Number.isNaN(lorentzLift(tensor(row), 1, 1).data[0] + lorentzLift(tensor(row), 1, 1).data[1]),
        `${row}`,
      );
  });
});

describe('lorentzNormalise', () => {
  test('is s/√(−c<s, s>), by hand, and a point of the hyperboloid is itself', () => {
    assertClose(lorentzNormalise(tensor([5, 3], float64), 0.25), tensor([2.5, 1.5], float64), 1e-15, 'y');
    const y = tensor(
      [Math.sqrt(14), 1, 2, 3].map((v, i) => (i === 0 ? Math.sqrt(14 + 1) : v)),
      float64,
    );
    assertClose(lorentzNormalise(y, 1), y, 1e-14, 'y');
  });
  test('the sum of the weights does not count, from 1e-30 to 1e30', () => {
    for (const k of [1e-30, 1e-3, 1e30])
      assertClose(lorentzNormalise(tensor([5 * k, 3 * k], float64), 1), tensor([1.25, 0.75], float64), 1e-14, `${k}`);
  });
  test('beyond the margin it is the point at the margin in that direction, and time has no pull', () => {
    const far = lorentzNormalise(tensor([1, 30, 40], float64), 1);
    const near = lorentzNormalise(tensor([1, 3, 4], float64), 1);
    assertClose(far, near, 1e-15, 'y');
    assert.ok(Math.abs(far.data[0] / 2 ** 26.5 - 1) < 1e-12, `time ${far.data[0]}`);
    const [ds] = gradients((s, c) => lorentzNormalise(s, c), tensor([1, 30, 40], float64), tensor(1, float64));
    assert.equal(ds?.data[0], 0);
    assert.ok(Math.abs((ds?.data[1] ?? 0) * 30 + (ds?.data[2] ?? 0) * 40) < 1e-3, 'the gradient is across');
  });
  test('what does not point to the future gives the origin, and no gradient', () => {
    for (const row of [
      [0, 0, 0],
      [-3, 1, 0],
      [0, 1, 0],
    ]) {
      assertClose(lorentzNormalise(tensor(row, float64), 4), tensor([0.5, 0, 0], float64), 0, 'y');
      const [ds] = gradients(lorentzNormalise, tensor(row, float64), tensor(4, float64));
      assertClose(ds as Tensor, zeros([3], float64), 0, 'ds');
    }
  });
  test('NaN comes out as NaN', () => {
    for (const row of [
      [Number.NaN, 1],
      [1, Number.NaN],
    ])
      assert.ok(lorentzNormalise(tensor(row), 1).data.every(Number.isNaN), `${row}`);
  });
});

describe('lorentzPairs', () => {
  const x = tensor(
    [
      [2, 1, 0],
      [3, 0, 4],
    ],
    float64,
  );
  test('by hand: time counts negatively', () => {
    const pairs = tensor(Int32Array.of(0, 1, 1, 1, 0, 0), { shape: [3, 2] });
    assertClose(lorentzPairs(x, pairs), tensor([-6, 7, -3], float64), 0, 'products');
  });
  test('pairs that are none are refused by name', () => {
    const wrong = tensor(Int32Array.of(0, 1, 1), { shape: [1, 3] });
    assertRefuses(() => lorentzPairs(x, wrong), ShapeError, 'lorentzPairs', /\[e, 2\]/);
    for (const row of [2, -1])
      assertRefuses(
        () => lorentzPairs(x, tensor(Int32Array.of(0, row), { shape: [1, 2] })),
        DomainError,
        'lorentzPairs',
        new RegExp(`${row} is no row`),
      );
  });
});

test('no rows, no points', () => {
  for (const shape of [
    [0, 3],
    [2, 0, 3],
  ]) {
    assert.deepEqual(lorentzLift(zeros(shape), 1, 1).shape, shape);
    assert.deepEqual(lorentzNormalise(zeros(shape), 1).shape, shape);
  }
});

test('empty rows and odd curvatures are refused by name', () => {
  assertRefuses(() => lorentzLift(zeros([2, 0]), 1, 1), ShapeError, 'lorentzLift');
  assertRefuses(() => lorentzNormalise(zeros([2, 0]), 1), ShapeError, 'lorentzNormalise');
  for (const c of [0, -1, Number.NaN, Infinity]) {
    assertRefuses(() => lorentzLift(zeros([2, 3]), 1, c), DomainError, 'lorentzLift', /c is/);
    assertRefuses(() => lorentzNormalise(zeros([2, 3]), c), DomainError, 'lorentzNormalise', /c is/);
  }
});
