import { defineOp, type Op } from '../autograd/define.ts';
import { mul } from '../autograd/ops/arithmetic.ts';
import { type RadialName, radialKernel } from './radial.kernel.ts';

/** Which derivative of the function: 0, the default, is itself. */
export interface RadialOrder {
  readonly order?: number;
}

/**
 * A function of s = c·|u|² in place of one of √c·|u|: it is analytic where the length has a kink, so that the origin is no
 * special case for any derivative. The rule of the k-th derivative is the (k + 1)-st.
 */
const radial = /* @__NO_SIDE_EFFECTS__ */ (name: RadialName, high: number): Op<1, RadialOrder> => {
  const op: Op<1, RadialOrder> = defineOp({
    name,
    arity: 1,
    signature: '… -> …',
    domain: [0, high],
    keeps: { inputs: [0] },
    forward: ({ inputs: [s], attrs: { order = 0 } }) => radialKernel([s], { name, order }),
    backward: ({ dy, inputs: [s], attrs: { order = 0 } }) => [mul(dy, op(s, { order: order + 1 }))],
  });
  return op;
};

const far = Number.POSITIVE_INFINITY;

/** cosh √s for s >= 0, and cosh R beyond R² (`farthest`). */
export const coshRoot: Op<1, RadialOrder> = /* @__PURE__ */ radial('coshRoot', far);

/** sinh √s/√s for s >= 0, 1 at 0, and sinh R/√s beyond R² (`farthest`). */
export const sinhcRoot: Op<1, RadialOrder> = /* @__PURE__ */ radial('sinhcRoot', far);

/** tanh √s/√s for s >= 0, 1 at 0, and tanh(R/2)/√s beyond R²/4 (`farthest`). */
export const tanhcRoot: Op<1, RadialOrder> = /* @__PURE__ */ radial('tanhcRoot', far);

/** arsinh √s/√s for s >= 0, 1 at 0. */
export const asinhcRoot: Op<1, RadialOrder> = /* @__PURE__ */ radial('asinhcRoot', far);

/** artanh √s/√s for 0 <= s < 1, 1 at 0, and R/(2√s) beyond tanh²(R/2) (`edge`). */
export const artanhcRoot: Op<1, RadialOrder> = /* @__PURE__ */ radial('artanhcRoot', 1);

/** The factor that draws a point of squared length s/c into the ball: 1, and tanh(R/2)/√s beyond tanh²(R/2) (`edge`). */
export const ballClip: Op<1, RadialOrder> = /* @__PURE__ */ radial('ballClip', far);

/** The same for space coordinates on the hyperboloid: 1, and sinh R/√s beyond sinh² R (`farthest`). */
export const spaceClip: Op<1, RadialOrder> = /* @__PURE__ */ radial('spaceClip', far);

/** 1/(1 − s) for s < 1, half of the ball's conformal factor; cosh²(R/2) beyond tanh²(R/2) (`edge`). */
export const conformal: Op<1, RadialOrder> = /* @__PURE__ */ radial('conformal', 1);
