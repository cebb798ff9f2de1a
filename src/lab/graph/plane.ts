import { sub } from '../../autograd/ops/arithmetic.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { mean } from '../../autograd/ops/reduce.ts';
import { svd } from '../../autograd/ops/svd.ts';
import { noGrad } from '../../autograd/scoped.ts';
import type { Geometry } from '../../hyperbolic/geometry.ts';
import { ones } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Inside the circle, also where tanh is rounded to 1. */
const farthest = 1 - 1e-9;

/**
 * Points on the unit disk, flat pairs: tangents at the midpoint of all points, in their two directions of largest variance, and
 * u ↦ tanh(√c·|u|/2)·u/|u|, the exponential map of the disk. Distances from the midpoint shrink by what the other directions hold;
 * with two dimensions there are none, and the disk is the space itself, turned.
 * @param points [n, coordinates] of a curved space
 * @param c minus its curvature
 * @param centre [coordinates], what is seen at the centre of the disk in place of the midpoint
 */
export function diskOf(
  geometry: Geometry,
  points: Tensor,
  c: number,
  centre: Tensor = geometry.midpoint(points),
): Float64Array {
  return noGrad(() => {
    const d = points.shape[1] - (geometry.coordinates(1) - 1);
    const origin = geometry.origin(d, [], { dtype: points.dtype });
    const tangents = geometry.transport(centre, origin, geometry.log(centre, points));
    const centred = sub(tangents, mean(tangents, { axis: 0 }));
    const [, , directions] = svd(matmul(centred, centred, { transA: true }));
    const plane = matmul(tangents, directions, { transB: true }).data;
    const width = points.shape[1];
    const disk = new Float64Array(2 * points.shape[0]);
    // A tangent at the origin of the ball is twice as long as its coordinates say.
    const [unit] = geometry.norm(origin, ones(origin.shape, { dtype: points.dtype })).data;
    const stretch = unit / Math.sqrt(d);
    for (let i = 0; i < points.shape[0]; i++) {
      const [x, y] = [plane[i * width], plane[i * width + 1]];
      const length = Math.hypot(x, y);
      const scale = length === 0 ? 0 : Math.min(farthest, Math.tanh((Math.sqrt(c) * stretch * length) / 2)) / length;
      disk.set([x * scale, y * scale], 2 * i);
    }
    return disk;
  });
}
