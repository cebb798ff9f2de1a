import type { Tensor } from '../../tensor/tensor.ts';
import type { Manifold } from '../manifold.ts';
import type { Hyper, Rule, RuleState } from './rule.ts';

/**
 * The end of a step from x to y: what the state keeps under the names `tangents` is transported along, and where the step
 * settles (`stabilize`), the point is projected to the manifold and they to its tangent space.
 */
export function settled(
  x: Tensor,
  y: Tensor,
  state: RuleState,
  tangents: readonly string[],
  { settles = false }: Hyper,
  manifold: Manifold,
): ReturnType<Rule> {
  const point = settles ? (manifold.project?.(y) ?? y) : y;
  const carried = tangents.map((name): [string, Tensor] => {
    const u = manifold.transport(x, point, state[name] as Tensor);
    return [name, settles ? (manifold.projectTangent?.(point, u) ?? u) : u];
  });
  return { x: point, state: carried.length === 0 ? state : { ...state, ...Object.fromEntries(carried) } };
}
