import { DomainError } from '../../tensor/errors.ts';

/** A place on the unit disk, the Poincaré model of the hyperbolic plane of curvature −1. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * The disk moved so that `centre` comes to 0: z ↦ (z − a)/(1 − ā·z), an isometry.
 * @param points flat pairs, inside the unit circle
 * @throws DomainError when a point is not inside
 */
export function moved(points: ArrayLike<number>, centre: Place): Float64Array {
  const result = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    if (!(x * x + y * y < 1)) throw new DomainError('poincareDisk', `point ${i / 2} is not inside the unit circle`);
    const [above, left] = [x - centre.x, y - centre.y];
    const [below, across] = [1 - centre.x * x - centre.y * y, centre.y * x - centre.x * y];
    const size = below * below + across * across;
    result[i] = (above * below + left * across) / size;
    result[i + 1] = (left * below - above * across) / size;
  }
  return result;
}

/** Length of the geodesic from the centre of the disk. */
export const depthOf = ({ x, y }: Place): number => 2 * Math.atanh(Math.hypot(x, y));

/** The circle that a geodesic is an arc of; it meets the unit circle at right angles. */
export interface Circle extends Place {
  readonly radius: number;
  /** Whether one goes from p to q along the arc with the centre of the circle on the left, as angles rise. */
  readonly rising: boolean;
}

/** Beyond this radius an arc inside the disk is drawn as the line that it cannot be told from. */
const straight = 1e4;

/**
 * The circle through p and q that meets the unit circle at right angles: its centre m has m·p = (1 + |p|²)/2 and m·q = (1 + |q|²)/2.
 * @returns null where the geodesic is part of a diameter, as far as a picture shows
 */
export function geodesicCircle(p: Place, q: Place): Circle | null {
  const cross = p.x * q.y - p.y * q.x;
  const [a, b] = [(1 + p.x * p.x + p.y * p.y) / 2, (1 + q.x * q.x + q.y * q.y) / 2];
  const [x, y] = [(a * q.y - b * p.y) / cross, (b * p.x - a * q.x) / cross];
  const radius = Math.hypot(x - p.x, y - p.y);
  return radius < straight ? { x, y, radius, rising: cross < 0 } : null;
}
