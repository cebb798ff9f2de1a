import { isPassing, isPinned, pin, unscoped } from '../../tensor/scope.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { Curvature, Geometry } from '../geometry.ts';

/** Points made of tangents at the origin, and the state that the tangents were in. */
interface Known {
  readonly version: number;
  readonly points: Tensor;
}

/**
 * exp at the origin of tangents that stay the same, as the features of a graph do from epoch to epoch: computed once for each tensor, and
 * again after a write to it. Tangents that need a gradient, or go with the scope they were made in, and those of a trained curvature
 * are computed each time.
 */
export class OriginPoints {
  readonly #known = new WeakMap<Tensor, Known>();

  /** Tangents […, d] → points […, n] of the space of curvature −c. */
  of(x: Tensor, geometry: Geometry, c: Curvature): Tensor {
    if (x.requiresGrad || isPassing(x) || c instanceof Tensor) return geometry.expOrigin(x);
    const known = this.#known.get(x);
    if (known?.version === x.storage.version) return known.points;
    const points = unscoped(() => geometry.expOrigin(x));
    if (isPinned(x)) pin(points);
    this.#known.set(x, { version: x.storage.version, points });
    return points;
  }
}
