import { backward } from '../autograd/engine.ts';
import type { Rng } from '../tensor/rng.ts';
import { pin, scope, unpin } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Module } from './module.ts';
import { checkClip, clipGradients, clipGradNorm } from './optim/clip.ts';
import type { Optimizer } from './optim/optimizer.ts';
import { checkCount } from './optim/schedule.ts';

/** What happens around the steps of a training run: resampling, merging, refreshing projections. */
export interface Hook<E> {
  /** Before step number `step`, counted from 0, is computed. What it returns is passed on by `fit`. */
  beforeStep?(step: number): readonly E[] | Promise<readonly E[]>;
  /** After the update of step number `step`. */
  afterStep?(step: number): readonly E[] | Promise<readonly E[]>;
}

/** One thing that happened in a training run. */
export type TrainEvent<E = never> =
  | { readonly type: 'step'; readonly step: number; readonly loss: number; readonly lr: number; readonly ms: number }
  | { readonly type: 'done'; readonly steps: number }
  | { readonly type: 'aborted'; readonly steps: number }
  | E;

/** What a training run needs. */
export interface FitOptions<B, E> {
  readonly model: Module;
  readonly optimizer: Optimizer;
  /** The loss of one batch, a single number, recorded. `training` and `rng` are meant for `model.call`. */
  loss(batch: B, context: { readonly training: true; readonly rng?: Rng }): Tensor;
  /** As many batches as there are steps; a run ends when they do. */
  readonly batches: Iterable<B> | AsyncIterable<B>;
  readonly steps: number;
  readonly hooks?: readonly Hook<E>[];
  /** Largest norm of all gradients together: see `clipGradNorm`. Default: they are left as they are. */
  readonly clipNorm?: number;
  /** Randomness of the forward passes. */
  readonly rng?: Rng;
  /** Ends the run before its next step. */
  readonly signal?: AbortSignal;
}

/** Longest time, in ms, for which a run keeps the event loop to itself. */
const patience = 16;

/**
 * Train: for every batch the hooks, the loss, its gradients, and one optimizer step. An iterator of events, so that the
 * caller decides what to print, keep, or stop on; leaving the loop ends the run. Each step runs in a `scope`: of what it made,
 * the gradients stay until the next step, and what `keep` was told to. Parameters and optimizer state are pinned meanwhile. On a device with
 * memory of its own a step reads the loss, for its event, and nothing else.
 *
 * @throws with its first event: DomainError when `steps` is not a whole number >= 0, or `clipNorm` not a number > 0; later: what the
 * loss, the rules and the hooks throw
 */
export async function* fit<B, E = never>(options: FitOptions<B, E>): AsyncGenerator<TrainEvent<E>, void, undefined> {
  const { model, optimizer, batches, steps, hooks = [], clipNorm, rng, signal } = options;
  const context = rng === undefined ? { training: true as const } : { training: true as const, rng };
  checkCount('fit', 'steps', steps, 0);
  if (clipNorm !== undefined) checkClip('fit', clipNorm);
  let step = 0;
  let rested = performance.now();
  try {
    if (steps > 0)
      for await (const batch of batches) {
        if (signal?.aborted) break;
        for (const hook of hooks) yield* (await hook.beforeStep?.(step)) ?? [];
        const start = performance.now();
        const lr = optimizer.lrOf(optimizer.groups[0]);
        pin(model);
        pin(optimizer.stateTensors());
        const made = scope(() => {
          model.zeroGrad();
          const y = options.loss(batch, context);
          const away = y.device.remote !== undefined;
          backward(y);
          if (clipNorm !== undefined) (away ? clipGradients : clipGradNorm)(model.parameters(), clipNorm);
          optimizer.step();
          return away ? y.detach() : y.item();
        });
        const loss = typeof made === 'number' ? made : await lossOf(made);
        const now = performance.now();
        yield { type: 'step', step, loss, lr, ms: now - start };
        for (const hook of hooks) yield* (await hook.afterStep?.(step)) ?? [];
        step += 1;
        if (step >= steps) break;
        if (now - rested > patience) rested = await rest();
      }
  } finally {
    unpin(model);
    unpin(optimizer.stateTensors());
  }
  yield { type: signal?.aborted === true && step < steps ? 'aborted' : 'done', steps: step };
}

/** A loss that a device computes: the run waits for it here, and nowhere else. */
async function lossOf(y: Tensor): Promise<number> {
  const [loss] = await y.read();
  y.dispose();
  return loss;
}

/** Let timers, input and signals have their turn. */
async function rest(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return performance.now();
}
