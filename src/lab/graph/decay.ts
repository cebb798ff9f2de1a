import type { ParameterGroup } from '../../nn/optim/optimizer.ts';
import type { Plan } from '../../sst/convert.ts';

/**
 * The groups of a plan, with weight decay on matrices only: not on biases and scalars. Points of a manifold that does not decay are
 * left alone by the rule itself, and the unit vectors and singular values of SST are not decayed.
 */
export function decayGroups(plan: Pick<Plan, 'groups' | 'method'>): ParameterGroup[] {
  return plan.groups().flatMap((group): ParameterGroup[] => {
    const kept = { ...group.hyper, weightDecay: 0 };
    if (group.name === 'sst') return [{ ...group, hyper: kept }];
    const [matrices, others] = [true, false].map((is) => group.parameters.filter((p) => p.rank >= 2 === is));
    return [
      ...(matrices.length === 0 ? [] : [{ ...group, parameters: matrices }]),
      ...(others.length === 0 ? [] : [{ ...group, parameters: others, hyper: kept }]),
    ];
  });
}
