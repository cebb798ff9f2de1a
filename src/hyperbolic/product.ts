import { add, square } from '../autograd/ops/arithmetic.ts';
import { expand } from '../autograd/ops/broadcast.ts';
import { concat, slice } from '../autograd/ops/slice.ts';
import { DomainError, ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Geometry, Verdict } from './geometry.ts';
import { rootOrZero } from './root.op.ts';

/** One factor of a product: a space, and how many dimensions of it. */
export type Factor = readonly [geometry: Geometry, d: number];

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** x cut along its last axis. @throws ShapeError when the sizes do not add up to it */
function cut(x: Tensor, sizes: readonly number[]): readonly Tensor[] {
  if (x.shape[x.rank - 1] !== total(sizes))
    throw new ShapeError('product', `the last axis is cut into ${sizes.join(' + ')}`, [x.shape]);
  let from = 0;
  return sizes.map((n) => {
    from += n;
    return slice(x, [...x.shape.slice(1).map(() => null), [from - n, from]]);
  });
}

/** A map of several tensors, factor by factor, side by side again. */
type Each = (f: (geometry: Geometry, ...parts: readonly Tensor[]) => Tensor, ...xs: readonly Tensor[]) => Tensor;

function verdict(factors: readonly Factor[], parts: readonly Tensor[]): Verdict {
  for (const [i, [geometry]] of factors.entries()) {
    const { ok, reason } = geometry.check(parts[i]);
    if (!ok) return { ok, reason: `factor ${i} (${geometry.name}): ${reason}` };
  }
  return { ok: true, reason: null };
}

/**
 * A product of spaces: the coordinates of its points side by side, d² = Σ dᵢ², and everything else factor by factor. Each factor has
 * its own second moment. `product([lorentz(1), 4], [euclidean, 2])` has 6 dimensions and 7 coordinates.
 * @throws DomainError when there is no factor, or a dimension is not a whole number >= 1
 * @source Gu et al., "Learning mixed-curvature representations in product spaces", ICLR 2019
 */
export function product(...factors: readonly Factor[]): Geometry {
  const dims = factors.map(([, d]) => d);
  if (dims.length === 0 || !dims.every((d) => Number.isSafeInteger(d) && d >= 1))
    throw new DomainError('product', `dimensions of factors are whole numbers >= 1, got [${dims}]`);
  const sizes = factors.map(([geometry, d]) => geometry.coordinates(d));
  const whole = (d: number): void => {
    if (d !== total(dims)) throw new DomainError('product', `has ${total(dims)} dimensions, got ${d}`);
  };
  const parts = (xs: readonly Tensor[], by = sizes): Tensor[][] => {
    const pieces = xs.map((x) => cut(x, by));
    return factors.map((_, i) => pieces.map((piece) => piece[i]));
  };
  const joined = (ys: readonly Tensor[]): Tensor => concat(ys, { axis: -1 });
  const each: Each = (f, ...xs) => joined(parts(xs).map((part, i) => f(factors[i][0], ...part)));
  const summed: Each = (f, ...xs) =>
    parts(xs)
      .map((part, i) => f(factors[i][0], ...part))
      .reduce((a, b) => add(a, b));
  return {
    ...tangents(each, summed),
    name: 'product',
    decays: factors.every(([geometry]) => geometry.decays),
    coordinates: (d) => {
      whole(d);
      return total(sizes);
    },
    origin: (d, leading, options) => {
      whole(d);
      return joined(factors.map(([geometry, own]) => geometry.origin(own, leading, options)));
    },
    expOrigin: (u) => joined(parts([u], dims).map(([v], i) => factors[i][0].expOrigin(v))),
    random: (d, leading, options) => {
      whole(d);
      return joined(factors.map(([geometry, own]) => geometry.random(own, leading, options)));
    },
    check: (x) => verdict(factors, cut(x, sizes)),
  };
}

type Whole = 'name' | 'decays' | 'coordinates' | 'origin' | 'expOrigin' | 'random' | 'check';

/** What is done factor by factor. */
function tangents(each: Each, summed: Each): Omit<Geometry, Whole> {
  const squares = (x: Tensor, y: Tensor): Tensor => summed((g, a, b) => g.squaredDistance(a, b), x, y);
  return {
    project: (x) => each((g, p) => g.project(p), x),
    projectTangent: (x, u) => each((g, p, v) => g.projectTangent(p, v), x, u),
    toRiemannian: (x, u) => each((g, p, v) => g.toRiemannian(p, v), x, u),
    inner: (x, u, v) => summed((g, p, a, b) => g.inner(p, a, b), x, u, v),
    norm: (x, u) => rootOrZero(summed((g, p, v) => g.inner(p, v, v), x, u)),
    componentInner: (x, u) => each((g, p, v) => expand(g.componentInner(p, v), v.shape), x, u),
    exp: (x, u) => each((g, p, v) => g.exp(p, v), x, u),
    log: (x, y) => each((g, p, q) => g.log(p, q), x, y),
    logOrigin: (y) => each((g, q) => g.logOrigin(q), y),
    retract: (x, u) => each((g, p, v) => g.retract(p, v), x, u),
    transport: (x, y, u) => each((g, p, q, v) => g.transport(p, q, v), x, y, u),
    distance: (x, y) => rootOrZero(squares(x, y)),
    squaredDistance: squares,
    pairwiseDistance: (x, y) => rootOrZero(summed((g, p, q) => square(g.pairwiseDistance(p, q)), x, y)),
    geodesic: (x, y, t) => each((g, p, q) => g.geodesic(p, q, t), x, y),
    midpoint: (x, weights) => each((g, p) => g.midpoint(p, weights), x),
  };
}
