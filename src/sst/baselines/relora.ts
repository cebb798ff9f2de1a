import { checkCount, linearWarmup } from '../../nn/optim/schedule.ts';
import type { RngState } from '../../tensor/rng.ts';
import { scope } from '../../tensor/scope.ts';
import type { MethodEvent } from '../events.ts';
import type { Method } from '../method.ts';
import { type LoraLinear, type LoraOptions, lora } from './lora.ts';

/** Settings of ReLoRA*. */
export interface ReloraOptions extends LoraOptions {
  /** Steps between two merges. Default 200. */
  readonly mergeInterval?: number;
  /** Steps over which the learning rate rises after every merge. Default 20. */
  readonly warmup?: number;
}

/**
 * ReLoRA*: LoRA that folds B·A into W every so often and starts a new pair, all optimizer state of the pair forgotten. The
 * star: unlike ReLoRA there is no full-rank warm start, and the reset is complete. Right after a merge B = 0, so the
 * gradient of A, Bᵀ·G, vanishes.
 * @throws DomainError when a count is out of range
 * @source arXiv 2405.15481, Algorithm 1 and Eq. 11; Lialin et al., "ReLoRA", arXiv 2307.05695
 */
export function relora(options: ReloraOptions): Method<LoraLinear> {
  const { mergeInterval = 200, warmup = 20, rng } = options;
  checkCount('relora', 'mergeInterval', mergeInterval, 1);
  checkCount('relora', 'warmup', warmup, 0);
  const base = lora(options);
  const ramp = linearWarmup(warmup);
  return {
    ...base,
    name: 'relora',
    schedule: (step) => ramp(step % mergeInterval),
    onStep(step, layers, optimizer): readonly MethodEvent[] {
      if (step === 0 || step % mergeInterval !== 0) return [];
      for (const layer of layers) scope(() => layer.restart(rng));
      const cleared = optimizer.reset(layers.flatMap((layer) => base.ownParameters(layer)));
      return [{ type: 'merge', step, cleared }];
    },
    state: () => ({ rng: rng.state }),
    loadState: (state) => {
      rng.state = state.rng as RngState;
    },
  };
}
