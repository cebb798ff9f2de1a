import { mul } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { randn, zeros } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  poincareDistance,
  poincareExp,
  poincareExpOrigin,
  poincareGradient,
  poincareInner,
  poincareLog,
  poincareLogOrigin,
  poincareMidpoint,
  poincareNorm,
  poincarePairwiseDistance,
  poincareProject,
  poincareSquaredDistance,
  poincareTransport,
} from './ball.ts';
import { checkCurvature } from './curvature.ts';
import type { Curvature, Geometry, Verdict } from './geometry.ts';
import { edge } from './guards.ts';
import { scaleRows } from './rowDot.op.ts';

/** The Poincaré ball with its curvature. */
export interface Poincare extends Geometry {
  readonly c: Curvature;
}

/** Whether √c·|x| is at most tanh(R/2) (`edge`), up to rounding, in every row. */
export function poincareCheck(x: Tensor, c: Curvature): Verdict {
  const k = typeof c === 'number' ? c : c.item();
  const d = x.shape[x.rank - 1];
  const most = (1 + edge(x.dtype)) / 2;
  for (let at = 0; at < x.data.length; at += d) {
    let square = 0;
    for (let i = 0; i < d; i++) square += x.data[at + i] ** 2;
    const length = Math.sqrt(k * square);
    if (!(length <= most)) return { ok: false, reason: `√c·|x| is ${length} at point ${at / d}` };
  }
  return { ok: true, reason: null };
}

/**
 * The Poincaré ball {x: c·|x|² < 1} of sectional curvature −c, with the metric λ² = (2/(1 − c·|x|²))² times the ordinary one. As c → 0
 * its distances become twice those of ordinary space.
 * @throws DomainError unless c is finite and > 0
 * @source Ganea, Bécigneul & Hofmann, "Hyperbolic neural networks", arXiv 1805.09112
 */
export function poincare(c: Curvature): Poincare {
  checkCurvature('poincare', c);
  return {
    name: 'poincare',
    c,
    decays: false,
    coordinates: (d) => d,
    origin: (d, leading = [], options = {}) => zeros([...leading, d], options),
    project: (x) => poincareProject(x, c),
    projectTangent: (_x, u) => u,
    toRiemannian: (x, g) => poincareGradient(x, g, c),
    inner: (x, u, v) => poincareInner(x, u, v, c),
    norm: (x, u) => poincareNorm(x, u, c),
    componentInner: (x, g) => unsqueeze(poincareInner(x, g, g, c), -1),
    exp: (x, u) => poincareExp(x, u, c),
    log: (x, y) => poincareLog(x, y, c),
    expOrigin: (u) => poincareExpOrigin(u, c),
    logOrigin: (y) => poincareLogOrigin(y, c),
    retract: (x, u) => poincareExp(x, u, c),
    transport: (x, y, v) => poincareTransport(x, y, v, c),
    distance: (x, y) => poincareDistance(x, y, c),
    squaredDistance: (x, y) => poincareSquaredDistance(x, y, c),
    pairwiseDistance: (x, y) => poincarePairwiseDistance(x, y, c),
    geodesic: (x, y, t) => poincareExp(x, scaleRows(poincareLog(x, y, c), t), c),
    midpoint: (x, weights) => poincareMidpoint(x, c, weights),
    // A tangent u at the origin has length 2·|u|: so that std is that of lengths, as on the hyperboloid.
    random: (d, leading, { rng, std = 1, ...options }) =>
      poincareExpOrigin(mul(randn([...leading, d], rng, options), std / 2), c),
    check: (x) => poincareCheck(x, c),
  };
}
