import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, GradError } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { refusePromise } from './scoped.ts';

/** Sees the whole gradient that arrives somewhere; what it returns takes its place. */
export type GradHook = (dy: Tensor) => Tensor | undefined;

/** Told of a leaf whose `.grad` a backward pass has just added to. */
export type AccumulateHook = (leaf: Tensor) => void;

/** One registration; the same function may be registered twice. */
interface Registration {
  readonly hook: AccumulateHook;
}

const registered = new WeakMap<Tensor, Set<Registration>>();

/**
 * Call `hook(leaf)` after every `backward` that has added to `leaf.grad`: once a pass, however often the leaf is used, when
 * the `.grad` of all leaves are up to date. `leaf.grad` may be read, replaced or cleared, and the leaf be written in place:
 * an optimizer step per parameter needs nothing else. Hooks run in the order of registration, without recording unless the
 * pass has `createGraph`. `grad` adds to no leaf, so it calls none.
 *
 * @returns a function that takes the hook away
 * @throws DTypeError when `leaf` is no tensor of a floating dtype; GradError when it is the result of a recorded call, which
 * has no `.grad` (use `tap`), when `hook` is no function, or, from `backward`, when it gives a promise
 */
export function onAccumulate(leaf: Tensor, hook: AccumulateHook): () => void {
  if (!(leaf instanceof Tensor) || !isFloat(leaf.dtype))
    throw new DTypeError('onAccumulate', 'takes a leaf of dtype float32 or float64');
  if (leaf.node !== null)
    throw new GradError('onAccumulate', 'the result of a recorded call has no .grad: use tap', [leaf.shape]);
  if (typeof hook !== 'function') throw new GradError('onAccumulate', `the hook is a function, got ${typeof hook}`);
  const all = registered.get(leaf) ?? new Set();
  registered.set(leaf, all);
  const registration = { hook };
  all.add(registration);
  return () => void all.delete(registration);
}

/** Call the hooks of a leaf. */
export function accumulated(leaf: Tensor): void {
  for (const { hook } of [...(registered.get(leaf) ?? [])]) refusePromise('onAccumulate', hook(leaf));
}

/**
 * What a hook put in the place of `dy`; `dy` itself when it gave nothing.
 * @throws GradError naming `op` when it gave something that is not a gradient of the same shape, dtype and device
 */
export function replacement(op: string, given: unknown, dy: Tensor): Tensor {
  if (given === undefined || given === null) return dy;
  refusePromise(op, given);
  if (!(given instanceof Tensor))
    throw new GradError(
      op,
      `the hook gives a tensor or nothing, got ${Array.isArray(given) ? 'a list' : typeof given}`,
    );
  if (!sameShape(given.shape, dy.shape) || given.dtype !== dy.dtype || given.device !== dy.device)
    throw new GradError(
      op,
      `the hook gave ${given.dtype} on ${given.device.name} for a gradient that is ${dy.dtype} on ${dy.device.name}, or shapes differ`,
      [given.shape, dy.shape],
    );
  return given;
}
