/** Op name in the JSON -> how it is called here. Most ops take the operands and then the attributes, just as they are. */
import { CsrMatrix } from '../../src/autograd/csr.ts';
import { gelu, relu, sigmoid, silu, tanh } from '../../src/autograd/ops/activation.ts';
import { abs, add, div, lerp, mul, neg, reciprocal, sign, square, sub } from '../../src/autograd/ops/arithmetic.ts';
import { scaledDotProductAttention } from '../../src/autograd/ops/attention.ts';
import { expand } from '../../src/autograd/ops/broadcast.ts';
import { cholesky } from '../../src/autograd/ops/cholesky.ts';
import { equal, greater, greaterEqual, less, lessEqual, notEqual, where } from '../../src/autograd/ops/compare.ts';
import { conv1d, conv2d } from '../../src/autograd/ops/convolution.ts';
import { crossEntropy, oneHot } from '../../src/autograd/ops/crossEntropy.ts';
import { cumprod, cumsum } from '../../src/autograd/ops/cumulative.ts';
import { det, slogdet } from '../../src/autograd/ops/determinant.ts';
import { dropout } from '../../src/autograd/ops/dropout.ts';
import { eigh } from '../../src/autograd/ops/eigh.ts';
import { einsum } from '../../src/autograd/ops/einsum.ts';
import { embedding } from '../../src/autograd/ops/embedding.ts';
import { erf, exp, expm1, log, log1p, log2, rsqrt, sqrt } from '../../src/autograd/ops/exponential.ts';
import { clamp, maximum, minimum } from '../../src/autograd/ops/extrema.ts';
import { flip, roll } from '../../src/autograd/ops/flip.ts';
import { gather, indexAdd, indexSelect, scatterAdd, takeAlongAxis } from '../../src/autograd/ops/gather.ts';
import { layerNorm, rmsNorm } from '../../src/autograd/ops/layerNorm.ts';
import { permute, reshape, squeeze, transpose, unsqueeze } from '../../src/autograd/ops/layout.ts';
import { logicalAnd, logicalNot, logicalOr, logicalXor } from '../../src/autograd/ops/logic.ts';
import { bce, bceWithLogits, huber, mse } from '../../src/autograd/ops/loss.ts';
import { maskedFill } from '../../src/autograd/ops/maskedFill.ts';
import { matmul } from '../../src/autograd/ops/matmul.ts';
import { matrixNorm } from '../../src/autograd/ops/matrixNorm.ts';
import { nll } from '../../src/autograd/ops/nll.ts';
import { pinv } from '../../src/autograd/ops/pinv.ts';
import { pow } from '../../src/autograd/ops/power.ts';
import { bilinear, dot, outer } from '../../src/autograd/ops/product.ts';
import { qr } from '../../src/autograd/ops/qr.ts';
import { elu, leakyRelu } from '../../src/autograd/ops/rectifier.ts';
import { all, any, argmax, argmin, max, mean, min, prod, sum } from '../../src/autograd/ops/reduce.ts';
import { repeat } from '../../src/autograd/ops/repeat.ts';
import { ceil, floor, remainder, round } from '../../src/autograd/ops/rounding.ts';
import { concat, pad, type Range, slice, stack } from '../../src/autograd/ops/slice.ts';
import { logSoftmax, softmax } from '../../src/autograd/ops/softmax.ts';
import { logSigmoid, mish, softplus } from '../../src/autograd/ops/softplus.ts';
import { inv, solve } from '../../src/autograd/ops/solve.ts';
import { solveTriangular } from '../../src/autograd/ops/solveTriangular.ts';
import { sort, topk } from '../../src/autograd/ops/sort.ts';
import { spmm } from '../../src/autograd/ops/sparse.ts';
import { chunk, split } from '../../src/autograd/ops/split.ts';
import { logSumExp, norm, std, variance } from '../../src/autograd/ops/statistics.ts';
import { svd, svdvals } from '../../src/autograd/ops/svd.ts';
import { diag, diagonal, tril, triu } from '../../src/autograd/ops/triangle.ts';
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinh,
  tan,
} from '../../src/autograd/ops/trigonometric.ts';
import { Rng, type Tensor, tensor } from '../../src/index.ts';
import { numberOf, type Row } from './golden.ts';

type Attrs = Readonly<Record<string, unknown>>;
type Function = (...args: never[]) => Tensor | readonly Tensor[];

/** Operands, then attributes where there are any. */
const plain =
  (f: Function): Row =>
  (xs, attrs) =>
    (f as (...args: unknown[]) => Tensor)(...xs, ...(attrs === undefined ? [] : [attrs]));
/** The operands as one list. */
const list =
  (f: Function): Row =>
  (xs, attrs) =>
    (f as (...args: unknown[]) => Tensor)(xs, attrs);
/** Attributes that are a list of arguments. */
const spread =
  (f: Function): Row =>
  (xs, attrs) =>
    (f as (...args: unknown[]) => Tensor)(...xs, ...(attrs as readonly unknown[]));
/** The members of `attrs` named here are tensors of float64. */
const holding =
  (f: Function, ...names: readonly string[]): Row =>
  (xs, attrs: Attrs) =>
    plain(f)(
      xs,
      Object.fromEntries(
        Object.entries(attrs ?? {}).map(([key, v]) => [key, names.includes(key) ? float64(v) : v]),
      ) as never,
    );
const float64 = (values: unknown): Tensor => tensor(values as number[], { dtype: 'float64' });
/** x, weight, and perhaps a bias among the attributes. */
const convolution =
  (f: (x: Tensor, weight: Tensor, attrs: object) => Tensor): Row =>
  ([x, weight, bias], attrs: Attrs = {}) =>
    f(x, weight, bias === undefined ? attrs : { ...attrs, bias });
/** A loss against the constant in `target`. */
const withTarget =
  (f: (x: Tensor, target: Tensor, attrs: never) => Tensor): Row =>
  ([x], { target, ...attrs }: Attrs) =>
    f(x, tensor(target as number[], { dtype: 'float64' }), attrs as never);
/** Operands after the first are attributes of these names. */
const affine =
  (f: (x: Tensor, attrs: never) => Tensor, ...names: readonly string[]): Row =>
  ([x, ...rest], attrs: Attrs = {}) =>
    f(x, { ...attrs, ...Object.fromEntries(rest.map((t, i) => [names[i], t])) } as never);
const projector = (u: Tensor, count: number): Tensor => {
  const columns = slice(u, [null, [0, count]]);
  return matmul(columns, columns, { transB: true });
};
const ranges = (attrs: readonly (number | null | readonly (number | null)[])[]): Range[] =>
  attrs.map((range) => (Array.isArray(range) ? range.map((n: number | null) => n ?? undefined) : range) as Range);
const symmetric = (a: Tensor): Tensor => mul(add(a, transpose(a)), 0.5);

const same: Readonly<Record<string, Function>> = {
  ...{
    abs,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceil,
    clamp,
    cos,
    cosh,
    div,
    elu,
    equal,
    erf,
    exp,
    expm1,
  },
  ...{ floor, gelu, greater, greaterEqual, leakyRelu, less, lessEqual, log, log1p, log2, logSigmoid, logicalAnd },
  ...{
    logicalNot,
    logicalOr,
    logicalXor,
    maskedFill,
    maximum,
    minimum,
    mish,
    mul,
    neg,
    notEqual,
    pow,
    reciprocal,
    relu,
  },
  ...{ remainder, round, rsqrt, sigmoid, sign, silu, sin, sinh, softplus, sqrt, square, sub, tan, tanh, where, lerp },
  ...{ all, any, argmax, argmin, cumprod, cumsum, logSumExp, max, mean, min, prod, sort, std, sum, topk },
  ...{
    chunk,
    diag,
    diagonal,
    embedding,
    expand,
    flip,
    gather,
    indexAdd,
    indexSelect,
    oneHot,
    pad,
    permute,
    repeat,
    reshape,
    roll,
  },
  ...{ scatterAdd, split, squeeze, takeAlongAxis, tril, triu, unsqueeze },
  ...{ dot, huber, logSoftmax, matmul, mse, outer, softmax },
  ...{ det, inv, pinv, qr, slogdet, solve, solveTriangular, svdvals },
};

/** Every op of the JSON. */
export const table: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(Object.entries(same).map(([name, f]) => [name, plain(f)])),
  bce: withTarget(bce),
  bceWithLogits: withTarget(bceWithLogits),
  bilinear: affine(
    (x, { y, weight, bias }: { y: Tensor; weight: Tensor; bias: Tensor }) => bilinear(x, y, weight, { bias }),
    'y',
    'weight',
    'bias',
  ),
  cholesky: ([a]) => cholesky(symmetric(a)),
  concat: list(concat),
  conv1d: convolution(conv1d),
  conv2d: convolution(conv2d),
  crossEntropy: holding(crossEntropy, 'weight'),
  eigh([a], { projectors }: { projectors: number }) {
    const [w, q] = eigh(symmetric(a));
    return [w, projector(q, projectors)];
  },
  dropout: ([x], { p }: { p: number }) => dropout(x, { p, rng: new Rng(1) }),
  einsum: (xs, equation: string) => einsum(equation, ...xs),
  layerNorm: affine(layerNorm, 'weight', 'bias'),
  matrixNorm: ([a], { ord }: { ord: string | number }) =>
    matrixNorm(a, { ord: ord === 'fro' || ord === 'nuc' ? ord : numberOf(ord) }),
  nll: holding(nll, 'weight'),
  norm: ([x], { p, ...attrs }: { p: number | string }) => norm(x, { p: numberOf(p), ...attrs }),
  rmsNorm: affine(rmsNorm, 'weight'),
  scaledDotProductAttention: ([q, k, v], { mask, ...attrs }: Attrs = {}) =>
    scaledDotProductAttention(q, k, v, mask === undefined ? attrs : { ...attrs, mask: tensor(mask as boolean[][]) }),
  slice: ([x], attrs: Parameters<typeof ranges>[0]) => slice(x, ranges(attrs)),
  spmm: ([indptr, indices, values, x]) =>
    spmm(new CsrMatrix(indptr, indices, values, [indptr.size - 1, x.shape[0]]), x),
  stack: list(stack),
  svd([a], { projectors }: { projectors: number }) {
    const [u, s, vt] = svd(a);
    return [s, projector(u, projectors), projector(transpose(vt), projectors)];
  },
  transpose: spread(transpose),
  var: plain(variance),
};
