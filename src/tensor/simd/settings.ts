import { assemble, type Expr, func, result } from './assembler.ts';
import { instantiate, validates } from './engine.ts';
import { f32x4, i32x4 } from './lanes.ts';
import { theRoom } from './memory.ts';

/** How SIMD kernels run, as far as the user decides it. */
export const settings: { on: boolean; fma: boolean | null; threads: number } = {
  on: (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.SPECTRAGRAD_SIMD !== '0',
  fma: null,
  threads: 1,
};

const one = (x: Expr<'v128'>): Uint8Array =>
  assemble([func('probe', {}, () => result(i32x4.extractLane(x, 0)), 'i32')], { shared: false });

let reason: string | null | undefined;

/** Why SIMD kernels cannot run here; null when they can. */
export function whyNoSimd(): string | null {
  reason ??= findReason() ?? 'none';
  return reason === 'none' ? null : reason;
}

function findReason(): string | null {
  if (!validates(one(f32x4.const(0, 0, 0, 0)))) return 'this engine has no WebAssembly SIMD';
  const room = theRoom();
  if (room === null) return 'no memory could be reserved';
  try {
    instantiate(assemble([], room), room.memory);
    return null;
  } catch (error) {
    return `WebAssembly is not allowed here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

let relaxed: boolean | undefined;

/** Whether the engine has the relaxed multiply-add. */
export function hasFma(): boolean {
  const zero = f32x4.const(0, 0, 0, 0);
  relaxed ??= validates(one(f32x4.relaxedMadd(zero, zero, zero)));
  return relaxed;
}

/** Whether kernels round a·b + c once. On where the engine can, unless it was switched off. */
export const usesFma = (): boolean => hasFma() && settings.fma !== false;

/** Whether SIMD kernels run. */
export const usesSimd = (): boolean => settings.on && whyNoSimd() === null;
