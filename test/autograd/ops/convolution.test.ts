/** Patches and convolutions. Values against PyTorch: test/golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conv1d, conv2d } from '../../../src/autograd/ops/convolution.ts';
import { fold, unfold } from '../../../src/autograd/ops/unfold.ts';
import {
  DomainError,
  DTypeError,
  grad,
  gradcheck,
  gradgradcheck,
  meta,
  mul,
  ones,
  reshape,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

type Pair = readonly [number, number];

/** A kernel and its options, and an image into which it fits at least once. */
interface Setting {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly size: Pair;
}

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const setting: fc.Arbitrary<Setting> = fc
  .tuple(pair(1, 3), pair(1, 2), pair(0, 1), pair(1, 2), pair(0, 2))
  .map(([kernelSize, stride, padding, dilation, more]) => {
    const least = (i: 0 | 1): number => Math.max(1, dilation[i] * (kernelSize[i] - 1) + 1 - 2 * padding[i]);
    return { kernelSize, stride, padding, dilation, size: [least(0) + more[0], least(1) + more[1]] };
  });

/** How many places a kernel has along one side: counted, not computed. */
function count({ size, kernelSize, stride, padding, dilation }: Setting, i: 0 | 1): number {
  let n = 0;
  while (n * stride[i] + dilation[i] * (kernelSize[i] - 1) < size[i] + 2 * padding[i]) n++;
  return n;
}

const options = ({ size: _, ...attrs }: Setting) => attrs;
const counts = (s: Setting): Pair => [count(s, 0), count(s, 1)];

checkOp(unfold, {
  inputs: fc
    .tuple(setting, pair(1, 2))
    .chain(([s, lead]) => tensors([...lead, ...s.size]).map((x) => ({ inputs: [x], attrs: options(s) }))),
});
checkOp(fold, {
  inputs: fc.tuple(setting, pair(1, 2)).chain(([s, [n, c]]) => {
    const [rows, columns] = counts(s);
    const shape = [n, c * s.kernelSize[0] * s.kernelSize[1], rows * columns];
    return tensors(shape).map((x) => ({ inputs: [x], attrs: { ...options(s), outputSize: s.size } }));
  }),
});

/** One convolution: operands and options. */
interface Convolution {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly s: Setting;
  readonly groups: number;
}

const convolutions: fc.Arbitrary<Convolution> = fc
  .tuple(setting, fc.nat(2), fc.integer({ min: 1, max: 2 }), pair(1, 2))
  .chain(([s, n, groups, [part, outputs]]) => {
    const o = groups * outputs;
    return fc
      .tuple(tensors([n, part * groups, ...s.size]), tensors([o, part, ...s.kernelSize]), tensors([o]))
      .map(([x, weight, bias]) => ({ x, weight, bias, s, groups }));
  });

/** Element by element. */
function naive({ x, weight, bias, s, groups }: Convolution): Tensor {
  const { stride, padding, dilation, size } = s;
  const [o, part, kh, kw] = weight.shape;
  const shape: Shape = [x.shape[0], o, ...counts(s)];
  const values = valuesOf(shape, ([n, k, i, j]) => {
    let total = at(bias, [k]);
    for (let c = 0; c < part; c++)
      for (let u = 0; u < kh; u++)
        for (let v = 0; v < kw; v++) {
          const [row, column] = [
            i * stride[0] - padding[0] + u * dilation[0],
            j * stride[1] - padding[1] + v * dilation[1],
          ];
          if (row < 0 || row >= size[0] || column < 0 || column >= size[1]) continue;
          const group = Math.floor(k / (o / groups));
          total += at(x, [n, group * part + c, row, column]) * at(weight, [k, c, u, v]);
        }
    return total;
  });
  return tensor(values, { shape, dtype: 'float64' });
}

test('conv2d is the loop over channels and kernel places', () => {
  fc.assert(
    fc.property(convolutions, (c) => {
      const { x, weight, bias, s, groups } = c;
      const { kernelSize: _, ...rest } = options(s);
      assertClose(conv2d(x, weight, { ...rest, groups, bias }), naive(c), 1e-13, 'conv2d');
    }),
  );
});

test('conv1d is conv2d of one row', () => {
  fc.assert(
    fc.property(convolutions, ({ x, weight, bias, s, groups }) => {
      const [rows, kernels] = [reshape(x, [-1, x.shape[1], x.size === 0 ? 1 : x.shape[2] * x.shape[3]]), weight];
      const k = kernels.shape[2] * kernels.shape[3];
      const [stride, padding, dilation] = [s.stride[1], s.padding[1], s.dilation[1]];
      if (dilation * (k - 1) + 1 > rows.shape[2] + 2 * padding) return;
      const flat = reshape(kernels, [kernels.shape[0], kernels.shape[1], k]);
      const y = conv1d(rows, flat, { stride, padding, dilation, groups, bias });
      const size: Pair = [1, rows.shape[2]];
      const wide = reshape(rows, [rows.shape[0], rows.shape[1], 1, rows.shape[2]]);
      const flatSetting: Setting = {
        size,
        kernelSize: [1, k],
        stride: [1, stride],
        padding: [0, padding],
        dilation: [1, dilation],
      };
      const expected = naive({
        x: wide,
        weight: reshape(flat, [flat.shape[0], flat.shape[1], 1, k]),
        bias,
        groups,
        s: flatSetting,
      });
      assertClose(y, reshape(expected, y.shape), 1e-13, 'conv1d');
    }),
  );
});

test('convolutions: both orders of every gradient are central differences', () => {
  fc.assert(
    fc.property(convolutions, ({ x, weight, bias, s, groups }) => {
      const { kernelSize: _, ...rest } = options(s);
      const f = (a: Tensor, w: Tensor, b: Tensor): Tensor => conv2d(a, w, { ...rest, groups, bias: b });
      const leaves = [x, weight, bias].map(leaf);
      gradcheck(f, leaves, { fast: true, atol: 1e-5 });
      gradgradcheck(f, leaves, { fast: true, atol: 1e-5 });
    }),
    { numRuns: 30 },
  );
});

test('by hand: differences, strides, padding, and how often an element is seen', () => {
  const x = tensor([1, 2, 4, 8], { shape: [1, 1, 4] });
  const difference = tensor([-1, 1], { shape: [1, 1, 2] });
  assertHolds(conv1d(x, difference), [[[1, 2, 4]]]);
  assertHolds(conv1d(x, difference, { stride: 2 }), [[[1, 4]]]);
  assertHolds(conv1d(x, difference, { padding: 1 }), [[[1, 1, 2, 4, -8]]]);
  assertHolds(conv1d(x, difference, { dilation: 3 }), [[[7]]]);
  assertHolds(conv1d(x, difference, { bias: tensor([100]) }), [[[101, 102, 104]]]);
  const image = ones([1, 1, 3, 3], { requiresGrad: true });
  const y = conv2d(image, ones([1, 1, 2, 2]));
  assertHolds(grad(sum(y), [image])[0], [
    [
      [
        [1, 2, 1],
        [2, 4, 2],
        [1, 2, 1],
      ],
    ],
  ]);
  const patches = unfold(tensor([0, 1, 2, 3], { shape: [1, 1, 2, 2] }), { kernelSize: [1, 2] });
  assertHolds(patches, [
    [
      [0, 2],
      [1, 3],
    ],
  ]);
});

test('fold is the adjoint of unfold: <unfold x, p> = <x, fold p>', () => {
  const x = tensor([1, 2, 3, 4, 5, 6], { shape: [1, 1, 2, 3], dtype: 'float64' });
  const p = tensor([1, 10, 100, 1000], { shape: [1, 2, 2], dtype: 'float64' });
  const attrs = { kernelSize: [1, 2] as const, stride: [1, 2] as const };
  const left = sum(mul(unfold(x, attrs), p)).item();
  assert.equal(left, sum(mul(x, fold(p, { ...attrs, outputSize: [2, 3] }))).item());
});

test('convolutions refuse what does not fit, by name, and survive garbage', () => {
  const [x, w] = [zeros([1, 4, 5, 5]), zeros([2, 4, 3, 3])];
  assertRefuses(() => conv2d(x, zeros([2, 3, 3, 3])), ShapeError, 'conv2d', /1 groups of 3 channels need 3/);
  assertRefuses(() => conv2d(x, w, { groups: 2 }), ShapeError, 'conv2d', /need 8/);
  assertRefuses(() => conv2d(x, zeros([3, 2, 3, 3]), { groups: 2 }), ShapeError, 'conv2d', /split the 3 outputs/);
  assertRefuses(() => conv2d(x, zeros([2, 4, 6, 1])), ShapeError, 'conv2d', /a kernel of 6×1 does not fit into 5×5/);
  assertRefuses(() => conv2d(x, zeros([2, 4, 0, 1])), DomainError, 'conv2d', /kernelSize/);
  assertRefuses(() => conv2d(zeros([4, 5, 5]), w), ShapeError, 'conv2d', /operand 0 should be/);
  assertRefuses(() => conv2d(x, w, { bias: zeros([3]) }), ShapeError, 'conv2d', /bias should be \[2\]/);
  assertRefuses(() => conv2d(x, zeros([2, 4, 3, 3], { dtype: 'float64' })), DTypeError, 'conv2d');
  for (const bad of [
    { stride: 0 },
    { stride: [1] },
    { padding: -1 },
    { dilation: 0.5 },
    { groups: 0 },
    { pad: 1 },
    { stride: Number.NaN },
  ])
    assertRefuses(() => conv2d(x, w, bad as never), DomainError, 'conv2d');
  assertRefuses(
    () => conv1d(zeros([1, 1, 3]), zeros([1, 1, 2]), { stride: [1, 1] as never }),
    DomainError,
    'conv1d',
    /stride/,
  );
  assertRefuses(() => fold(zeros([1, 3, 4]), { kernelSize: 2, outputSize: 3 }), ShapeError, 'fold', /a multiple of 4/);
  assertRefuses(() => unfold(x, { kernelSize: 6 }), ShapeError, 'unfold', /does not fit/);
  const shadow = conv2d(zeros([7, 4, 5, 5], { device: meta }), zeros([2, 4, 3, 3], { device: meta }), { padding: 1 });
  assert.deepEqual(shadow.shape, [7, 2, 5, 5]);
  const names = ['bias', 'stride', 'padding', 'dilation', 'groups'];
  const images = fc.oneof(anyOperand, fc.constantFrom(x, w, zeros([1, 1, 3, 3])));
  survives('conv2d', conv2d, images, images, anyOptions(...names));
  survives('conv1d', conv1d, anyOperand, anyOperand, anyOptions(...names));
  survives('unfold', unfold, images, anyOptions('kernelSize', 'stride', 'padding', 'dilation'));
  survives('fold', fold, anyOperand, anyOptions('kernelSize', 'outputSize', 'stride', 'padding', 'dilation'));
});
