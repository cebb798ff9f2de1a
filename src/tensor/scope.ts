import { DomainError } from './errors.ts';
import { freePinned, pinnedPlace, reserve, rewind, roomMark } from './simd/memory.ts';
import { type Arena, type Place, type Storage, useArena } from './storage.ts';
import { Tensor } from './tensor.ts';

/** Buffers made since `scope` was called. */
interface Scope extends Arena {
  readonly made: Storage[];
  readonly outer: Scope | null;
  /** Leaves whose gradient may have been made here. */
  readonly leaves: Set<Tensor>;
}

let current: Scope | null = null;

const ended = 'the scope of this tensor has ended: return or keep it';
const dropped =
  'zeroGrad() or a further backward() let go of this gradient of a pinned tensor, or one on a device: copy it before';

function openScope(): Scope {
  const made: Storage[] = [];
  const scope: Scope = {
    made,
    outer: current,
    leaves: new Set(),
    place: reserve,
    own(storage) {
      storage.owner = scope;
      made.push(storage);
    },
  };
  return scope;
}

/**
 * Run `fn`, and let go of every tensor that was made inside when it ends. Kernels work faster in here: results are placed in
 * memory that WebAssembly computes on, and that memory is used again by the next scope. What survives: tensors that `fn` returns
 * (also inside arrays and plain objects), those given to `keep`, and gradients that `backward` left on leaves that do (on pinned ones,
 * until `zeroGrad` or a further `backward`). Everything else raises `DisposedError` when it is read later; typed arrays that `data` gave are then used for other numbers. Scopes nest.
 *
 * @throws DomainError when `fn` is no function, or gives a promise: what holds inside is known per call stack
 */
export function scope<T>(fn: () => T): T {
  if (typeof fn !== 'function') throw new DomainError('scope', `takes a function to run, got ${typeof fn}`);
  const mark = roomMark();
  const opened = openScope();
  const before = useArena(opened);
  current = opened;
  try {
    const result = fn();
    if (typeof (result as PromiseLike<unknown> | null)?.then === 'function') refusePromise(result);
    keep(result);
    return result;
  } finally {
    for (const leaf of opened.leaves) if (leaf.storage.owner !== opened) surviveWith(leaf);
    current = opened.outer;
    useArena(before);
    for (const storage of opened.made) if (storage.owner === opened) storage.release(ended);
    rewind(mark);
  }
}

function refusePromise(result: unknown): never {
  if (result instanceof Promise) result.catch(() => {});
  throw new DomainError('scope', 'the function is asynchronous: await first, and compute inside');
}

/**
 * Let tensors survive the innermost scope around this call: a tensor, or arrays and plain objects of them. Outside scopes, and for
 * tensors made outside, nothing happens.
 * @returns its argument
 */
export function keep<T>(value: T): T {
  if (current !== null) keepAll(value, new Set());
  return value;
}

function keepAll(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) survive(value);
  else if (Array.isArray(value) || value instanceof Map || value instanceof Set)
    for (const x of value) keepAll(x, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype) for (const x of Object.values(value)) keepAll(x, seen);
}

/**
 * Let the gradient of a leaf survive. That of a pinned leaf moves to pinned memory, which the next step's takes over: a fresh
 * array for each step would cost more than the step's arithmetic, in pages that the system must find first.
 */
function surviveWith(leaf: Tensor): void {
  const { grad } = leaf;
  if (grad !== null && !(current?.outer === null && isPinned(leaf) && settle(grad))) {
    survive(grad);
    lendOut(grad.storage);
  }
  current?.outer?.leaves.add(leaf);
}

/** What lies on a device does not wait for the garbage collector, which sees little of it. */
function lendOut(storage: Storage): void {
  if (storage.held !== null) storage.giveBack ??= () => storage.release(dropped);
}

/** Move a gradient of the innermost scope to pinned memory. @returns whether there was room, and the scope had made it */
function settle({ storage }: Tensor): boolean {
  if (storage.owner !== current || storage.owner === null) return false;
  const place = pinnedPlace(storage);
  if (place === null) return false;
  settleAt(storage, place);
  storage.owner = null;
  storage.giveBack = () => {
    unsettle(storage);
    storage.release(dropped);
  };
  return true;
}

/** Hand a buffer of the innermost scope to the one around it, or to the garbage collector, as an ordinary array. */
function survive({ storage }: Tensor): void {
  if (current === null || storage.owner !== current) return;
  if (storage.held === null) storage.move(null);
  storage.owner = null;
  current.outer?.own(storage);
}

/** Let what `backward` leaves on this tensor survive the innermost scope. */
export function keepGrad(leaf: Tensor): void {
  current?.leaves.add(leaf);
}

/** Run `fn` as if no scope were open: what it makes lasts. */
export function unscoped<T>(fn: () => T): T {
  const [scopeBefore, arenaBefore] = [current, useArena(null)];
  current = null;
  try {
    return fn();
  } finally {
    current = scopeBefore;
    useArena(arenaBefore);
  }
}

/** Whether the end of an open scope takes this tensor away, or `zeroGrad` may. */
export const isPassing = ({ storage: { owner, giveBack } }: Tensor): boolean => owner !== null || giveBack !== null;

/** Whether a tensor's values were put into the memory of the SIMD kernels to stay. */
export const isPinned = ({ storage: { address, owner } }: Tensor): boolean => address !== 0 && owner === null;

/** Tensors: one, several, or those of a model. */
export type Tensors = Tensor | Iterable<Tensor> | { parameters(): Iterable<Tensor> };

function listed(op: string, tensors: Tensors): readonly Tensor[] {
  if (tensors instanceof Tensor) return [tensors];
  const given = tensors as Partial<{ parameters: () => unknown }> | null | undefined;
  const items = typeof given?.parameters === 'function' ? given.parameters() : given;
  const list =
    typeof items === 'object' && items !== null && Symbol.iterator in items ? [...(items as unknown[])] : [null];
  if (!list.every((x) => x instanceof Tensor)) throw new DomainError(op, 'takes tensors, or a model');
  return list;
}

/** Pinned buffers that nobody looks at any more give their memory back, some time. */
const forgotten = new FinalizationRegistry(({ address, bytes }: { readonly address: number; readonly bytes: number }) =>
  freePinned(address, bytes),
);

/**
 * Keep the values of tensors in the memory that the SIMD kernels work on, where they need not be copied in for each call:
 * for parameters and whatever else many scopes read. Where there is no room, or no SIMD, nothing changes but speed.
 * @throws DomainError when given something else than tensors or a model
 */
export function pin(tensors: Tensors): void {
  for (const { storage } of listed('pin', tensors)) {
    if (storage.data === null || storage.held !== null || storage.address !== 0 || storage.owner !== null) continue;
    const place: Place | null = pinnedPlace(storage);
    if (place !== null) settleAt(storage, place);
  }
}

function settleAt(storage: Storage, place: Place): void {
  storage.move(place);
  forgotten.register(storage, { address: place.address, bytes: place.data.byteLength }, storage);
}

/** Give back the pinned memory of a buffer that lies there. */
function unsettle(storage: Storage): void {
  forgotten.unregister(storage);
  if (storage.data !== null) freePinned(storage.address, storage.data.byteLength);
}

/**
 * Undo `pin`: the values, and gradients beside them, move to ordinary arrays, and their memory is free again.
 * @throws DomainError when given something else than tensors or a model
 */
export function unpin(tensors: Tensors): void {
  for (const tensor of listed('unpin', tensors))
    for (const { storage } of tensor.grad === null ? [tensor] : [tensor, tensor.grad])
      if (storage.data !== null && storage.address !== 0 && storage.owner === null) {
        unsettle(storage);
        storage.move(null);
        storage.giveBack = null;
      }
}
