import { add, div, lerp, mul, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { mean, sum } from '../autograd/ops/reduce.ts';
import { euclidean as flat } from '../nn/manifold.ts';
import { randn, zeros } from '../tensor/create.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Geometry } from './geometry.ts';
import { pairwiseSquares } from './pairs.op.ts';
import { rootOrZero } from './root.op.ts';
import { rowDot, scaleRows, squaredNorm, together } from './rowDot.op.ts';

const weightedMean = (x: Tensor, weights: Tensor): Tensor =>
  div(sum(scaleRows(x, weights), { axis: -2 }), sum(weights, { axis: -1, keepDims: true }));

/** Ordinary space as a geometry: what the others become as c → 0. */
export const euclidean: Geometry = {
  ...flat,
  coordinates: (d) => d,
  origin: (d, leading = [], options = {}) => zeros([...leading, d], options),
  project: (x) => x,
  projectTangent: (x, u) => together('projectTangent', x, u)[1],
  transport: (x, y, v) => together('transport', x, y, v)[2],
  inner: (_x, u, v) => rowDot(u, v),
  norm: (_x, u) => rootOrZero(squaredNorm(u)),
  exp: (x, u) => add(x, u),
  log: (x, y) => sub(y, x),
  expOrigin: (u) => u,
  logOrigin: (y) => y,
  distance: (x, y) => rootOrZero(squaredNorm(sub(x, y))),
  squaredDistance: (x, y) => squaredNorm(sub(x, y)),
  pairwiseDistance: (x, y) => rootOrZero(pairwiseSquares(x, y)),
  geodesic: (x, y, t) => lerp(x, y, t instanceof Tensor ? unsqueeze(t, -1) : t),
  midpoint: (x, weights) => (weights === undefined ? mean(x, { axis: -2 }) : weightedMean(x, weights)),
  random: (d, leading, { rng, std = 1, ...options }) => mul(randn([...leading, d], rng, options), std),
  check: (x) => {
    const odd = x.data.findIndex((v: number) => !Number.isFinite(v));
    return odd === -1 ? { ok: true, reason: null } : { ok: false, reason: `coordinate ${odd} is ${x.data[odd]}` };
  },
};
