import { defineOp, type Op } from '../autograd/define.ts';
import { add, div, mul, neg, square, sub } from '../autograd/ops/arithmetic.ts';
import { sumTo } from '../autograd/ops/broadcast.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import { reshape, unsqueeze } from '../autograd/ops/layout.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { concat, pad, slice } from '../autograd/ops/slice.ts';
import { isRecording } from '../autograd/scoped.ts';
import { ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inverseOf } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import {
  liftKernel,
  lorentzGapGradKernel,
  lorentzGapKernel,
  tangentInnerGradKernel,
  tangentInnerKernel,
} from './lorentz.kernel.ts';
import { rowDot, scaleRows, squaredNorm, together } from './rowDot.op.ts';

/** The space coordinates of a point or tangent: […, d + 1] → […, d]. */
export const spaceOf = (x: Tensor): Tensor => slice(x, [...x.shape.slice(1).map(() => null), [1]]);

/** The time coordinate, without its axis: […, d + 1] → […]. */
export const timeOf = (x: Tensor): Tensor => slice(x, [...x.shape.slice(1).map(() => null), 0]);

/** The same with the axis kept: […, d + 1] → […, 1]. */
export const timeColumn = (x: Tensor): Tensor => unsqueeze(timeOf(x), -1);

/** √(1/c + |s|²), the time of the point with space coordinates s: […, d] → […]. */
export const timeAt = (s: Tensor, c: Curvature): Tensor => sqrt(add(squaredNorm(s), inverseOf(c)));

/** (0, s): […, d] → […, d + 1]. */
export const withoutTime = (s: Tensor): Tensor =>
  pad(s, { width: s.shape.map((_, i): [number, number] => (i === s.rank - 1 ? [1, 0] : [0, 0])) });

/**
 * [√(1/c + |s|²), s]: the point of the hyperboloid with space coordinates s, […, d] → […, d + 1].
 */
export const lift: Op<2> = /* @__PURE__ */ defineOp({
  name: 'lift',
  arity: 2,
  signature: '… d, ->',
  keeps: { inputs: [0, 1], outputs: [0] },
  forward: ({ inputs }) => liftKernel(inputs, undefined),
  backward({ dy, inputs: [s, c], y, needs }) {
    const share = div(timeOf(dy), timeOf(y));
    return [needs[0] && add(spaceOf(dy), scaleRows(s, share)), needs[1] && div(mul(sum(share), -0.5), square(c))];
  },
  reference: ([s, c]) => concat([unsqueeze(timeAt(s, c), -1), s], { axis: -1 }),
});

/** Which points meet. */
export interface GapAttrs {
  /** Every row of x [m, n] with every row of y [p, n], to [m, p]. Default false: row by row, leading axes broadcast. */
  readonly pairwise?: boolean;
}

type Operands = readonly [x: Tensor, y: Tensor, c: Tensor];

/** Space coordinates of the two points, shaped so that they broadcast. */
const facing = (x: Tensor, y: Tensor, { pairwise = false }: GapAttrs): readonly [Tensor, Tensor] =>
  pairwise ? [unsqueeze(spaceOf(x), 1), unsqueeze(spaceOf(y), 0)] : [spaceOf(x), spaceOf(y)];

/** The gradient of the gap by x, with the other point y: (c/2)·(xs − ys − xs·(x_0 − y_0)/x_0). */
function pull(x: Tensor, y: Tensor, tx: Tensor, ty: Tensor, c: Tensor): Tensor {
  const apart = sub(x, y);
  const rise = div(rowDot(add(x, y), apart), mul(add(tx, ty), tx));
  return mul(sub(apart, scaleRows(x, rise)), mul(c, 0.5));
}

/** The rule of `lorentzGap`, made of ops. */
function throughGap(dy: Tensor, [x, y, c]: Operands, q: Tensor, attrs: GapAttrs): readonly Tensor[] {
  const [xs, ys] = facing(x, y, attrs);
  const [tx, ty] = [timeAt(xs, c), timeAt(ys, c)];
  const back = (g: Tensor, to: Tensor, from: Tensor): Tensor =>
    withoutTime(reshape(sumTo(scaleRows(g, dy), from.shape), spaceOf(to).shape));
  const climb = div(rowDot(add(xs, ys), sub(xs, ys)), add(tx, ty));
  const byCurvature = div(sub(q, div(square(climb), mul(mul(tx, ty), 4))), c);
  return [back(pull(xs, ys, tx, ty, c), x, xs), back(pull(ys, xs, ty, tx, c), y, ys), sum(mul(dy, byCurvature))];
}

/**
 * q = sinh²(√c·d(x, y)/2) of points on the hyperboloid, from their space coordinates alone: sinh²((ρx − ρy)/2) +
 * c·|xs|·|ys|·|x̂s − ŷs|²/4 with ρ = arsinh(√c·|xs|). Nothing cancels, near or far, and the gradient at x = y is 0.
 *
 * x […, n], y […, n] → […], leading axes broadcast; or pairwise, x [m, n], y [p, n] → [m, p].
 * @throws ShapeError when n differs or is 0, or the leading axes do not broadcast
 */
export const lorentzGap: Op<3, GapAttrs> = /* @__PURE__ */ defineOp({
  name: 'lorentzGap',
  arity: 3,
  signature: ({ pairwise }) => (pairwise ? 'm n, p n, -> m p' : '…~ n, …~ n, -> …~'),
  keeps: { inputs: [0, 1, 2], outputs: [0] },
  check: ([x]) => checkPoints('lorentzGap', x),
  forward({ inputs: [x, y, c], attrs: { pairwise = false } }) {
    const [p, q] = pairwise ? [x, y] : together('lorentzGap', x, y);
    return lorentzGapKernel([p, q, c], { pairwise });
  },
  backward({ dy, inputs, y: q, attrs }) {
    if (isRecording()) return throughGap(dy, inputs, q, attrs);
    const [x, y, c] = inputs;
    const { pairwise = false } = attrs;
    const [p, r] = pairwise ? [x, y] : together('lorentzGap', x, y);
    const [dx, dz, dc] = lorentzGapGradKernel([dy, p, r, c], { pairwise });
    return [sumTo(dx, x.shape), sumTo(dz, y.shape), dc];
  },
  reference([x, y, c], attrs) {
    const [xs, ys] = facing(x, y, attrs);
    const minus = sub(mul(timeAt(xs, c), timeAt(ys, c)), rowDot(xs, ys));
    return mul(sub(mul(minus, c), 1), 0.5);
  },
});

/** A point has at least a time. */
function checkPoints(op: string, x: Tensor): void {
  if (x.shape[x.rank - 1] === 0) throw new ShapeError(op, 'a point has at least a time', [x.shape]);
}

/** The rule of `tangentInner`, made of ops. */
function throughInner(dy: Tensor, [x, u, v, c]: readonly [Tensor, Tensor, Tensor, Tensor]): readonly Tensor[] {
  const [xs, us, vs] = [spaceOf(x), spaceOf(u), spaceOf(v)];
  const time2 = add(squaredNorm(xs), inverseOf(c));
  const [a, b] = [div(rowDot(xs, us), time2), div(rowDot(xs, vs), time2)];
  const back = (g: Tensor): Tensor => withoutTime(scaleRows(g, dy));
  const bend = sub(scaleRows(xs, mul(mul(a, b), 2)), add(scaleRows(us, b), scaleRows(vs, a)));
  return [
    back(bend),
    back(sub(vs, scaleRows(xs, b))),
    back(sub(us, scaleRows(xs, a))),
    neg(div(sum(mul(dy, mul(a, b))), square(c))),
  ];
}

/**
 * <u, v> of tangents u and v at x, us·vs − (xs·us)·(xs·vs)/x_0² with x_0² = 1/c + |xs|²: from space coordinates alone, because
 * those of time follow from them. It does not cancel far from the origin, and is >= 0 where u = v.
 * @throws ShapeError when the shapes differ, or n is 0
 */
export const tangentInner: Op<4> = /* @__PURE__ */ defineOp({
  name: 'tangentInner',
  arity: 4,
  signature: '… n, … n, … n, -> …',
  keeps: { inputs: [0, 1, 2, 3] },
  check: ([x]) => checkPoints('tangentInner', x),
  forward: ({ inputs }) => tangentInnerKernel(inputs, undefined),
  backward: ({ dy, inputs }) =>
    isRecording() ? throughInner(dy, inputs) : tangentInnerGradKernel([dy, ...inputs], undefined),
  reference([x, u, v, c]) {
    const [xs, us, vs] = [spaceOf(x), spaceOf(u), spaceOf(v)];
    const time2 = add(squaredNorm(xs), inverseOf(c));
    return sub(rowDot(us, vs), div(mul(rowDot(xs, us), rowDot(xs, vs)), time2));
  },
});
