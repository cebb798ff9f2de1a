/** A step as in hyperbolic networks: many small pointwise ops on points of the Lorentz model. */
import {
  add,
  backward,
  concat,
  cosh,
  div,
  exp,
  matmul,
  mean,
  mul,
  neg,
  pin,
  Rng,
  randn,
  scope,
  sigmoid,
  sinh,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  unpin,
} from '../../src/index.ts';
import type { Work } from '../peers/contender.ts';

/** Points and the width of the space around them: one coordinate of time, 16 of space. */
const [points, width] = [2708, 17];

const time = (x: Tensor): Tensor => slice(x, [null, [0, 1]]);
const space = (x: Tensor): Tensor => slice(x, [null, [1]]);
const sumOfSquares = (x: Tensor): Tensor => sum(square(x), { axis: -1, keepDims: true });

/** cosh|v| and sinh|v|·v/|v|: tangent vectors at the origin as points. */
function fromTangent(v: Tensor): Tensor {
  const size = sqrt(add(sumOfSquares(v), 1e-6));
  return concat([cosh(size), mul(v, div(sinh(size), size))], { axis: -1 });
}

/** A linear map whose result is put back on the hyperboloid: t = sigmoid(z₀)·eˢ + 1.1, space scaled to √(t² − 1). */
function lorentzLinear(x: Tensor, w: Tensor, s: Tensor): Tensor {
  const z = matmul(x, w, { transB: true });
  const t = add(mul(sigmoid(time(z)), exp(s)), 1.1);
  const y = space(z);
  const scale = sqrt(div(sub(square(t), 1), add(sumOfSquares(y), 1e-6)));
  return concat([t, mul(y, scale)], { axis: -1 });
}

/** Points scaled to <x, x> = −1. */
function normalised(x: Tensor): Tensor {
  const inner = sub(sumOfSquares(space(x)), square(time(x)));
  return div(x, sqrt(add(neg(inner), 1e-6)));
}

/** About 60 recorded calls on [2708, 17], backward, and a step of gradient descent on two 17×17 weights. */
export function chainStep(scoped: boolean): Work {
  const rng = new Rng(1);
  const v = mul(randn([points, width - 1], rng), 0.3);
  const leaf = (x: Tensor): Tensor => {
    x.requiresGrad = true;
    return x;
  };
  const weights = [0, 1].map(() => leaf(mul(randn([width, width], rng), 0.2)));
  const scales = [0, 1].map(() => tensor(0.5, { requiresGrad: true }));
  const leaves = [...weights, ...scales];
  const losses: number[] = [];
  const step = (): number => {
    for (const p of leaves) p.zeroGrad();
    let x = fromTangent(v);
    for (let i = 0; i < 2; i++) x = normalised(add(lorentzLinear(x, weights[i], scales[i]), x));
    const loss = mean(square(sub(time(x), 2)));
    backward(loss);
    return loss.item();
  };
  if (scoped) pin([v, ...leaves]);
  return {
    run() {
      losses.push(scoped ? scope(step) : step());
    },
    result: () => losses.slice(0, 2),
    free: () => unpin([v, ...leaves]),
  };
}
