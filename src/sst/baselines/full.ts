import type { Linear } from '../../nn/linear.ts';
import type { Method } from '../method.ts';

/** Dense training: every layer stays as it is. What the other methods are measured against. */
export function full(): Method<Linear> {
  return {
    name: 'full',
    attach: (linear) => linear,
    ownParameters: (layer) => [layer.weight],
    merge: (layer) => layer,
    trainableCount: (m, n) => m * n,
  };
}
