/** Points and tangents of any geometry, made from grid values; and what "equal" means for them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Geometry } from '../../src/hyperbolic/geometry.ts';
import { type DType, mul, stack, type Tensor, tensor } from '../../src/index.ts';
import { awayFromZero, onGrid, type Values } from './arbitraries.ts';

/** A family of geometries under the laws. */
export interface ManifoldClaim {
  readonly name: string;
  make(c: number | Tensor): Geometry;
  /** Dimensions to draw from. Default 1..4. */
  readonly dims?: readonly number[];
  /** What distances tend to as c → 0, in units of the distance of tangents at the origin. Default 1. */
  readonly scale?: number;
  /** One case of so many is tried, for what has its laws from others. Default 1. */
  readonly share?: number;
}

/** The curvatures of the laws. */
export const curvatures: readonly number[] = [0.1, 1, 10];

/** Points in each batch. */
export const batch = 2;

/** Values of the spatial coordinates of tangents at the origin, [batch, d] each, in units of 1/√c. */
export interface Coordinates {
  readonly c: number;
  readonly d: number;
  readonly values: readonly (readonly number[])[];
}

/** `count` tangents at the origin for some c and d. */
export const coordinates = (
  { dims = [1, 2, 3, 4] }: ManifoldClaim,
  count: number,
  values: Values = onGrid,
): fc.Arbitrary<Coordinates> =>
  fc.constantFrom(...dims).chain((d) =>
    fc.record({
      c: fc.constantFrom(...curvatures),
      d: fc.constant(d),
      values: fc.tuple(...Array.from({ length: count }, () => values(batch * d))),
    }),
  );

/** Tangents none of whose coordinates is 0, nor equal in two of them: away from where lengths and distances have a kink. */
export const apartTangents = (claim: ManifoldClaim): fc.Arbitrary<Coordinates> =>
  coordinates(claim, 3, awayFromZero(1 / 4)).map((drawn) => ({
    ...drawn,
    values: drawn.values.map((list, i) => list.map((v) => v + i / 48)),
  }));

/** Tangents at the origin as tensors [batch, d]: half as long as the values say, in units of 1/√c. */
export const tangentsOf = ({ c, d, values }: Coordinates, dtype: DType = 'float64'): readonly Tensor[] =>
  values.map((list) => mul(tensor([...list], { shape: [batch, d], dtype }), 0.5 / Math.sqrt(c)));

/** What the laws speak of. */
export interface Setting {
  readonly geometry: Geometry;
  readonly c: number;
  readonly d: number;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly z: Tensor;
  /** Tangents at x. */
  readonly u: Tensor;
  readonly v: Tensor;
}

/** A tangent at the origin given by its spatial coordinates, carried to x. */
export function tangentAt(geometry: Geometry, x: Tensor, coordinate: Tensor): Tensor {
  const { dtype } = x;
  const d = coordinate.shape[coordinate.rank - 1];
  const origin = geometry.origin(d, coordinate.shape.slice(0, -1), { dtype });
  return geometry.transport(origin, x, geometry.log(origin, geometry.expOrigin(coordinate)));
}

/** Three points and two tangents. */
export function settingOf(claim: ManifoldClaim, drawn: Coordinates, dtype: DType = 'float64'): Setting {
  const geometry = claim.make(drawn.c);
  const [a, b, e, p, q] = tangentsOf(drawn, dtype);
  const [x, y, z] = [a, b, e].map((t) => geometry.expOrigin(t));
  const [u, v] = [p, q].map((t) => tangentAt(geometry, x, t));
  return { geometry, c: drawn.c, d: drawn.d, x, y, z, u, v };
}

/** Fails unless |a − b| <= tolerance·max(1, |b|…)·unit everywhere. */
export function assertAlike(a: Tensor, b: Tensor, tolerance: number, what: string): void {
  assert.deepEqual([...a.shape], [...b.shape], `shape of ${what}`);
  const largest = [...b.data].reduce((most, t) => Math.max(most, Math.abs(t)), 1);
  for (let i = 0; i < a.data.length; i++)
    if (!(Math.abs(a.data[i] - b.data[i]) <= tolerance * largest))
      assert.fail(`${what}: element ${i} is ${a.data[i]}, expected ${b.data[i]}`);
}

/** Fails when a number is NaN or infinite. */
export function assertFinite(x: Tensor, what: string): void {
  const odd = [...x.data].findIndex((value) => !Number.isFinite(value));
  if (odd !== -1) assert.fail(`${what}: element ${odd} is ${x.data[odd]}`);
}

/** What a geometry computes of points x, y and a tangent u at x. */
export const functions: Readonly<Record<string, (g: Geometry, x: Tensor, y: Tensor, u: Tensor) => Tensor>> = {
  project: (g, x) => g.project(x),
  projectTangent: (g, x, _y, u) => g.projectTangent(x, u),
  toRiemannian: (g, x, _y, u) => g.toRiemannian(x, u),
  inner: (g, x, _y, u) => g.inner(x, u, u),
  norm: (g, x, _y, u) => g.norm(x, u),
  componentInner: (g, x, _y, u) => g.componentInner(x, u),
  exp: (g, x, _y, u) => g.exp(x, u),
  log: (g, x, y) => g.log(x, y),
  logOrigin: (g, x) => g.logOrigin(x),
  transport: (g, x, y, u) => g.transport(x, y, u),
  distance: (g, x, y) => g.distance(x, y),
  squaredDistance: (g, x, y) => g.squaredDistance(x, y),
  pairwiseDistance: (g, x, y) => g.pairwiseDistance(x, y),
  geodesic: (g, x, y) => g.geodesic(x, y, 0.3),
  midpoint: (g, x, y) => g.midpoint(stack([x, y], { axis: 1 })),
};
/** Their names. */
export const names: readonly string[] = Object.keys(functions);

/** How many cases to try: all, or fewer by a factor where each is dear. */
export const runsOf = ({ share = 1 }: ManifoldClaim, dear: number = 1): { readonly numRuns: number } => ({
  numRuns: Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / share / dear),
});
