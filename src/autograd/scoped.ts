import { GradError } from '../tensor/errors.ts';
import type { Plan } from './graph.ts';
import type { AnyRecord } from './record.ts';

/** What holds for the calls made below on the stack. Read by every call, changed by `scoped` alone. */
interface Flags {
  /** Calls are recorded. */
  recording: boolean;
  /** Values are searched for NaN. */
  anomaly: boolean;
  /** Rules that stand in for those of the records. */
  rules: ReadonlyMap<AnyRecord, Plan> | null;
  /** A transform is running the function it was given, and will differentiate what comes out. */
  nested: boolean;
}

/** The flags as they are now. */
export const flags: Flags = { recording: true, anomaly: false, rules: null, nested: false };

/**
 * Run `fn` under other flags, and put the old ones back whatever happens. Every facility that holds "inside `fn`" is this.
 * @throws GradError naming `op` when `fn` gives a promise: its rest would run under the flags of others, or they under its
 */
export function scoped<T>(op: string, change: Partial<Flags>, fn: () => T): T {
  if (typeof fn !== 'function') throw new GradError(op, `takes a function to run, got ${typeof fn}`);
  const before = { ...flags };
  Object.assign(flags, change);
  try {
    const result = fn();
    refusePromise(op, result);
    return result;
  } finally {
    Object.assign(flags, before);
  }
}

/** @throws GradError when a function that must be synchronous gave a promise; what that rejects with is swallowed */
export function refusePromise(op: string, result: unknown): void {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
  if (result instanceof Promise) result.catch(() => {});
  throw new GradError(op, 'the function is asynchronous: what holds inside it is known per call stack');
}

/** Whether calls are being recorded here. */
export const isRecording = (): boolean => flags.recording;

/**
 * Run `fn` without recording: nothing computed in it can be differentiated.
 * @throws GradError when `fn` returns a promise
 */
export const noGrad = <T>(fn: () => T): T => scoped('noGrad', { recording: false }, fn);

/**
 * Run `fn` with recording on, also inside `noGrad`.
 * @throws GradError when `fn` returns a promise
 */
export const enableGrad = <T>(fn: () => T): T => scoped('enableGrad', { recording: true }, fn);
