import { checkCount } from '../../nn/optim/schedule.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { BatchSource, BatchState } from './text.ts';

/** What a source of batches is made of. */
export interface BatchPlan<B> {
  /** Its name in errors. */
  readonly op: string;
  /** The batches of one epoch, as examples that go together: as many in every epoch. */
  epoch(rng: Rng): readonly Int32Array[];
  batch(examples: Int32Array): B;
}

/**
 * Batches epoch after epoch. Each epoch has a stream of randomness of its own, made from `rng` and its number, so a place in the stream of
 * batches is two numbers, and going on from there costs one epoch's plan at most. `rng` is not advanced.
 */
export function resumable<B>({ op, epoch: plan, batch }: BatchPlan<B>, rng: Rng): BatchSource<B> {
  const stream = rng.fork(op);
  const planned = (epoch: number): readonly Int32Array[] => plan(stream.fork(`epoch ${epoch}`));
  let place: BatchState = { epoch: 0, taken: 0 };
  let batches = planned(0);
  const perEpoch = batches.length;
  const move = (to: BatchState): void => {
    if (to.epoch !== place.epoch) batches = planned(to.epoch);
    place = { epoch: to.epoch, taken: to.taken };
  };
  const next = (): B => {
    const { epoch, taken } = place;
    const result = batch(batches[taken]);
    move(taken + 1 < perEpoch ? { epoch, taken: taken + 1 } : { epoch: epoch + 1, taken: 0 });
    return result;
  };
  return {
    perEpoch,
    get state() {
      return place;
    },
    set state(to) {
      checkCount(op, 'state.epoch', to.epoch, 0);
      checkCount(op, 'state.taken', to.taken, 0);
      if (to.taken >= perEpoch)
        throw new DomainError(op, `an epoch has ${perEpoch} batches, state.taken is ${to.taken}`);
      move(to);
    },
    next,
    *[Symbol.iterator]() {
      for (;;) yield next();
    },
  };
}
