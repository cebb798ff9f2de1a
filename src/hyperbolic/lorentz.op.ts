import { defineOp, type Op } from '../autograd/define.ts';
import { add, div, mul, neg, square, sub } from '../autograd/ops/arithmetic.ts';
import { sumTo } from '../autograd/ops/broadcast.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { concat, pad, slice } from '../autograd/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inverseOf } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import { liftKernel, lorentzGapKernel, shrinkKernel, tangentInnerKernel } from './lorentz.kernel.ts';
import { rowDot, scaleRows, squaredNorm, together } from './rowDot.op.ts';

/** The space coordinates of a point or tangent: […, d + 1] → […, d]. */
export const spaceOf = (x: Tensor): Tensor => slice(x, [...x.shape.slice(1).map(() => null), [1]]);

/** The time coordinate, without its axis: […, d + 1] → […]. */
export const timeOf = (x: Tensor): Tensor => slice(x, [...x.shape.slice(1).map(() => null), 0]);

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

/** The rule of a gap, written out: by x, with the other point y. */
function pull(x: Tensor, y: Tensor, tx: Tensor, ty: Tensor, c: Tensor): Tensor {
  const apart = sub(x, y);
  const rise = div(rowDot(add(x, y), apart), mul(add(tx, ty), tx));
  return mul(sub(apart, scaleRows(x, rise)), mul(c, 0.5));
}

/** By c: (2q − (x_0 − y_0)²/(2·x_0·y_0))/(2c). */
function pullCurvature(q: Tensor, x: Tensor, y: Tensor, tx: Tensor, ty: Tensor, c: Tensor): Tensor {
  const rise = div(rowDot(add(x, y), sub(x, y)), add(tx, ty));
  return div(sub(q, div(square(rise), mul(mul(tx, ty), 4))), c);
}

/**
 * q = sinh²(√c·d(x, y)/2) of points on the hyperboloid, from their space coordinates alone: sinh²((ρx − ρy)/2) +
 * c·|xs|·|ys|·|x̂s − ŷs|²/4 with ρ = arsinh(√c·|xs|). Nothing cancels, near or far, and the gradient at x = y is 0. Leading
 * axes broadcast.
 * @throws ShapeError when n differs or the leading axes do not broadcast
 */
export const lorentzGap: Op<3> = /* @__PURE__ */ defineOp({
  name: 'lorentzGap',
  arity: 3,
  signature: '…~ n, …~ n, -> …~',
  keeps: { inputs: [0, 1, 2], outputs: [0] },
  forward({ inputs: [x, y, c] }) {
    const [p, q] = together('lorentzGap', x, y);
    return lorentzGapKernel([p, q, c], undefined);
  },
  backward({ dy, inputs: [x, y, c], y: q, needs }) {
    const [xs, ys] = [spaceOf(x), spaceOf(y)];
    const [tx, ty] = [timeAt(xs, c), timeAt(ys, c)];
    const back = (g: Tensor, to: Tensor): Tensor => sumTo(withoutTime(scaleRows(g, dy)), to.shape);
    return [
      needs[0] && back(pull(xs, ys, tx, ty, c), x),
      needs[1] && back(pull(ys, xs, ty, tx, c), y),
      needs[2] && sum(mul(dy, pullCurvature(q, xs, ys, tx, ty, c))),
    ];
  },
  reference([x, y, c]) {
    const [xs, ys] = [spaceOf(x), spaceOf(y)];
    const minus = sub(mul(timeAt(xs, c), timeAt(ys, c)), rowDot(xs, ys));
    return mul(sub(mul(minus, c), 1), 0.5);
  },
});

/**
 * <u, v> of tangents u and v at x, us·vs − (xs·us)·(xs·vs)/x_0² with x_0² = 1/c + |xs|²: from space coordinates alone, because
 * those of time follow from them. It does not cancel far from the origin, and is >= 0 where u = v.
 * @throws ShapeError when the shapes differ
 */
export const tangentInner: Op<4> = /* @__PURE__ */ defineOp({
  name: 'tangentInner',
  arity: 4,
  signature: '… n, … n, … n, -> …',
  keeps: { inputs: [0, 1, 2, 3] },
  forward: ({ inputs }) => tangentInnerKernel(inputs, undefined),
  backward({ dy, inputs: [x, u, v, c], needs }) {
    const [xs, us, vs] = [spaceOf(x), spaceOf(u), spaceOf(v)];
    const time2 = add(squaredNorm(xs), inverseOf(c));
    const [a, b] = [div(rowDot(xs, us), time2), div(rowDot(xs, vs), time2)];
    const back = (g: Tensor): Tensor => withoutTime(scaleRows(g, dy));
    const bend = (): Tensor => sub(scaleRows(xs, mul(mul(a, b), 2)), add(scaleRows(us, b), scaleRows(vs, a)));
    return [
      needs[0] && back(bend()),
      needs[1] && back(sub(vs, scaleRows(xs, b))),
      needs[2] && back(sub(us, scaleRows(xs, a))),
      needs[3] && neg(div(sum(mul(dy, mul(a, b))), square(c))),
    ];
  },
  reference([x, u, v, c]) {
    const [xs, us, vs] = [spaceOf(x), spaceOf(u), spaceOf(v)];
    const time2 = add(squaredNorm(xs), inverseOf(c));
    return sub(rowDot(us, vs), div(mul(rowDot(xs, us), rowDot(xs, vs)), time2));
  },
});

/**
 * 1/(√c·√−<x, x>) of each row x with x_0 > |xs|: times it, a weighted sum of points is on the hyperboloid. Beyond a radius of R
 * (`farthest`), and outside of the light cone, √−<x, x> is held at x_0/cosh R; a row without time gives 0.
 */
export const shrink: Op<2> = /* @__PURE__ */ defineOp({
  name: 'shrink',
  arity: 2,
  signature: '… n, -> …',
  keeps: { inputs: [0, 1], outputs: [0] },
  forward: ({ inputs }) => shrinkKernel(inputs, undefined),
  backward({ dy, inputs: [x, c], y, needs }) {
    // With y = (−c·<x, x>)^−½: dy/dx = c·y³·(−x_0, xs) and dy/dc = −y/(2c).
    const dual = sub(withoutTime(mul(spaceOf(x), 2)), x);
    return [
      needs[0] && scaleRows(dual, mul(mul(dy, c), mul(y, square(y)))),
      needs[1] && div(mul(sum(mul(dy, y)), -0.5), c),
    ];
  },
});
