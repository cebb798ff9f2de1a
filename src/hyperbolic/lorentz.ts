import { mul } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { noGrad } from '../autograd/scoped.ts';
import { randn, zeros } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature } from './curvature.ts';
import type { Curvature, Geometry, Verdict } from './geometry.ts';
import { slack } from './guards.ts';
import {
  lorentzCentroid,
  lorentzDistance,
  lorentzExp,
  lorentzExpOrigin,
  lorentzGradient,
  lorentzInner,
  lorentzLog,
  lorentzLogOrigin,
  lorentzNorm,
  lorentzPairwiseDistance,
  lorentzProject,
  lorentzProjectTangent,
  lorentzSquaredDistance,
  lorentzTransport,
} from './hyperboloid.ts';
import { lift } from './lorentz.op.ts';
import { scaleRows } from './rowDot.op.ts';

/** The Lorentz model with its curvature. */
export interface Lorentz extends Geometry {
  readonly c: Curvature;
}

/**
 * Whether |c·<x, x> + 1| is small beside c·x_0², and x_0 > 0, in every row.
 */
export function lorentzCheck(x: Tensor, c: Curvature): Verdict {
  const k = typeof c === 'number' ? c : c.item();
  const n = x.shape[x.rank - 1];
  for (let at = 0; at < x.data.length; at += n) {
    const time = x.data[at];
    if (!(time > 0)) return { ok: false, reason: `the time of point ${at / n} is ${time}, not > 0` };
    let residual = 1 - k * time * time;
    for (let i = 1; i < n; i++) residual += k * x.data[at + i] ** 2;
    if (!(Math.abs(residual) <= slack(x.dtype) * k * time * time))
      return { ok: false, reason: `c·<x, x> + 1 is ${residual} at point ${at / n}` };
  }
  return { ok: true, reason: null };
}

/**
 * The hyperboloid {x: <x, x> = −1/c, x_0 > 0} of sectional curvature −c, with <x, y> = −x_0·y_0 + Σ x_i·y_i. A point of d
 * dimensions has d + 1 coordinates, time first. As c → 0 its space coordinates become those of ordinary space.
 * @throws DomainError unless c is finite and > 0
 * @source Nickel & Kiela, "Learning continuous hierarchies in the Lorentz model", arXiv 1806.03417
 */
export function lorentz(c: Curvature): Lorentz {
  checkCurvature('lorentz', c);
  return {
    name: 'lorentz',
    c,
    decays: false,
    coordinates: (d) => d + 1,
    origin: (d, leading = [], options = {}) => lift(zeros([...leading, d], options), c),
    project: (x) => lorentzProject(x, c),
    projectTangent: (x, u) => lorentzProjectTangent(x, u, c),
    toRiemannian: (x, g) => lorentzGradient(x, g, c),
    inner: (x, u, v) => lorentzInner(x, u, v, c),
    norm: (x, u) => lorentzNorm(x, u, c),
    componentInner: (x, g) => unsqueeze(lorentzInner(x, g, g, c), -1),
    exp: (x, u) => lorentzExp(x, u, c),
    log: (x, y) => lorentzLog(x, y, c),
    expOrigin: (u) => lorentzExpOrigin(u, c),
    logOrigin: (y) => lorentzLogOrigin(y, c),
    retract: (x, u) => lorentzExp(x, u, c),
    transport: (x, y, v) => lorentzTransport(x, y, v, c),
    distance: (x, y) => lorentzDistance(x, y, c),
    squaredDistance: (x, y) => lorentzSquaredDistance(x, y, c),
    pairwiseDistance: (x, y) => lorentzPairwiseDistance(x, y, c),
    geodesic: (x, y, t) => lorentzExp(x, scaleRows(lorentzLog(x, y, c), t), c),
    midpoint: (x, weights) => lorentzCentroid(x, c, weights),
    random: (d, leading, { rng, std = 1, ...options }) =>
      lorentzExpOrigin(mul(randn([...leading, d], rng, options), std), c),
    check: (x) => noGrad(() => lorentzCheck(x, c)),
  };
}
