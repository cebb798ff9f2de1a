/** Normalised rows. Values against PyTorch: test/golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { affineNorm, layerNorm, rmsNorm, standardize } from '../../../src/autograd/ops/layerNorm.ts';
import {
  add,
  allocations,
  DomainError,
  DTypeError,
  div,
  grad,
  gradcheck,
  gradgradcheck,
  mean,
  meta,
  mul,
  ShapeError,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { anyTensors, probes, tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { anyOp, run } from '../../harness/gradients.ts';
import { checkOp } from '../../harness/op.ts';

/** Rows of up to 12 numbers on one or two axes; a large eps keeps rows of one value smooth. */
const rows = anyTensors({ minRank: 1, minSize: 1, maxSize: 3 }).chain((x) =>
  fc.record({
    inputs: fc.constant([x]),
    attrs: fc.record({
      axes: fc.integer({ min: 1, max: Math.min(2, x.rank) }),
      eps: fc.constantFrom(0.5, 1),
      centre: fc.boolean(),
    }),
  }),
);
checkOp(standardize, { inputs: rows });

const double = (x: number | number[] | number[][]) => tensor(x, { dtype: 'float64' });

/** The formula in small ops. */
function plain(x: Tensor, axes: number, eps: number, centre: boolean): Tensor {
  const over = { axis: Array.from({ length: axes }, (_, i) => i - axes), keepDims: true };
  const c = centre ? sub(x, mean(x, over)) : x;
  return div(c, sqrt(add(mean(square(c), over), eps)));
}

const withAffine = rows.chain(({ inputs: [x], attrs }) => {
  const shape = x.shape.slice(-attrs.axes);
  return fc.tuple(tensors(shape), tensors(shape)).map(([weight, bias]) => ({ x, shape, weight, bias, ...attrs }));
});

const affineRows = withAffine.map(({ x, weight, bias, axes, eps, centre }) => ({
  inputs: [x, weight, bias],
  attrs: { axes, eps, centre },
}));
checkOp(affineNorm, { inputs: affineRows });

test('layerNorm and rmsNorm are their formulas, in value and gradients', () => {
  fc.assert(
    fc.property(withAffine, ({ x, shape, weight, bias, eps, axes, centre }) => {
      const fused = (a: Tensor, w: Tensor, b: Tensor): Tensor =>
        (centre ? layerNorm : rmsNorm)(a, { normalizedShape: shape, weight: w, bias: b, eps });
      const small = (a: Tensor, w: Tensor, b: Tensor): Tensor => add(mul(plain(a, axes, eps, centre), w), b);
      const [mine, other] = [fused, small].map((f) => {
        const leaves = [x, weight, bias].map(leaf);
        const y = f(leaves[0], leaves[1], leaves[2]);
        return [y, ...grad(sum(mul(y, y)), leaves)];
      });
      for (const [i, t] of mine.entries()) assertClose(t, other[i], 1e-12, `part ${i}`);
    }),
  );
});

test('layerNorm: both orders of every gradient are central differences', () => {
  fc.assert(
    fc.property(withAffine, ({ x, shape, weight, bias, eps }) => {
      const f = (a: Tensor, w: Tensor, b: Tensor): Tensor =>
        layerNorm(a, { normalizedShape: shape, weight: w, bias: b, eps });
      const leaves = [x, weight, bias].map(leaf);
      gradcheck(f, leaves, { fast: true });
      gradgradcheck(f, leaves, { fast: true });
    }),
    { numRuns: 30 },
  );
});

test('the rule of a pass that is recorded is the kernel', () => {
  const cases = [
    [anyOp(standardize), rows],
    [anyOp(affineNorm), affineRows],
  ] as const;
  for (const [op, inputs] of cases)
    fc.assert(
      fc.property(inputs, probes, (c, probe) => {
        const [one, two] = [false, true].map((createGraph) => run(op, c, { probe, createGraph }));
        for (const [i, g] of one.gradients.entries()) assertClose(g, two.gradients[i], 1e-12, `gradient ${i}`);
      }),
    );
});

test('layerNorm and rmsNorm by hand', () => {
  const root = Math.sqrt(1 + 1e-5);
  assertClose(layerNorm(double([1, 3])), double([-1 / root, 1 / root]), 1e-15, 'layerNorm');
  assertClose(layerNorm(double([1, 3]), { eps: 0 }), double([-1, 1]), 0, 'no eps');
  assertClose(rmsNorm(double([3, 4]), { eps: 0 }), double([3, 4].map((v) => v / Math.sqrt(12.5))), 1e-15, 'rmsNorm');
  assertHolds(layerNorm(double([[5, 5]]), { bias: double([1, 2]), weight: double([3, 3]) }), [[1, 2]]);
  assertHolds(layerNorm(double([7])), [0]);
  assertHolds(rmsNorm(zeros([2])), [0, 0]);
  assertHolds(layerNorm(double([Number.NaN, 1])), [Number.NaN, Number.NaN]);
});

test('a large mean does not drown the variance', () => {
  const x = double([1e9 + 1, 1e9 + 3]);
  assertClose(layerNorm(x, { eps: 0 }), double([-1, 1]), 1e-12, 'layerNorm');
});

test('the default eps of rmsNorm is the rounding unit of the dtype', () => {
  const tiny = 2 ** -12;
  const expected = (eps: number): number => tiny / Math.sqrt(tiny * tiny + eps);
  assert.equal(rmsNorm(double([tiny])).item(), expected(2 ** -52));
  assert.equal(rmsNorm(tensor([tiny])).item(), Math.fround(expected(2 ** -23)));
});

test('a constant row has a finite gradient, and empty rows pass', () => {
  const x = tensor([[2, 2, 2]], { requiresGrad: true });
  const w = tensor([[1, 2, 4]]);
  const [dx] = grad(sum(mul(layerNorm(x), w)), [x]);
  assert.ok(dx.data.every(Number.isFinite) && dx.data.some((g) => g !== 0));
  for (const shape of [[0, 3], [2, 0], [0]]) {
    const empty = zeros(shape, { requiresGrad: true });
    assert.deepEqual(grad(sum(layerNorm(empty)), [empty])[0].shape, shape);
  }
  assert.deepEqual(layerNorm(zeros([2, 3], { device: meta })).shape, [2, 3]);
});

test('a backward pass allocates no more than its gradients and one tensor', () => {
  const x = zeros([64, 32], { requiresGrad: true });
  const y = sum(layerNorm(x));
  const before = allocations();
  grad(y, [x]);
  assert.ok(allocations().bytes - before.bytes <= 2 * 64 * 32 * 4 + 16);
});

test('norms refuse what does not fit, by name, and survive garbage', () => {
  const x = zeros([2, 3]);
  for (const [name, norm] of Object.entries({ layerNorm, rmsNorm })) {
    for (const normalizedShape of [2, [3, 2], [], [2, 2, 3]])
      assertRefuses(() => norm(x, { normalizedShape }), ShapeError, name, /does not end the shape/);
    assertRefuses(() => norm(x, { weight: zeros([2]) }), ShapeError, name, /weight should be \[3\]/);
    assertRefuses(() => norm(x, { bias: zeros([3], { dtype: 'float64' }) }), DTypeError, name, /bias/);
    assertRefuses(() => norm(zeros([2], { dtype: 'int32' })), DTypeError, name);
    assertRefuses(() => norm(zeros([])), ShapeError, name);
    for (const eps of [-1, Number.NaN, Infinity]) assertRefuses(() => norm(x, { eps }), DomainError, name, /eps/);
    survives(name, norm, anyOperand, anyOptions('normalizedShape', 'weight', 'bias', 'eps'));
  }
  for (const op of [standardize, affineNorm])
    survives(op.record.name, op, anyOperand, anyOptions('axes', 'eps', 'centre'));
});
