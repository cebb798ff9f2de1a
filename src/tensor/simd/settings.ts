import { DeviceError, DomainError } from '../errors.ts';
import { assemble, type Expr, func, result } from './assembler.ts';
import { instantiate, validates } from './engine.ts';
import { f32x4, i32x4 } from './lanes.ts';
import { theRoom } from './memory.ts';

interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => { readonly setFlagsFromString?: (flags: string) => void } | undefined;
}

const { process } = globalThis as { readonly process?: Process };

/** How SIMD kernels run, as far as the user decides it. */
export const settings: { on: boolean; fma: boolean | null } = {
  on: process?.env?.SPECTRAGRAD_SIMD !== '0',
  fma: null,
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

let offByUser = false;

/** Why SIMD kernels do not run; null when they do. */
export function whyPlain(): string | null {
  if (settings.on) return whyNoSimd();
  return offByUser ? 'setSimd(false) switched it off' : 'the environment variable SPECTRAGRAD_SIMD is 0';
}

function checkSwitch(op: string, on: unknown): void {
  if (typeof on !== 'boolean') throw new DomainError(op, `takes true or false, got ${typeof on}`);
}

/**
 * Run float32 kernels in WebAssembly SIMD (the default where the engine can), or as plain loops, whose results may differ in the last
 * digits. `deviceInfo().simd` says what holds.
 * @throws DeviceError when it shall be on and cannot be; DomainError when given no boolean
 */
export function setSimd(on: boolean): void {
  checkSwitch('setSimd', on);
  const why = on ? whyNoSimd() : null;
  if (why !== null) throw new DeviceError('setSimd', why);
  settings.on = on;
  offByUser = !on;
}

/**
 * Let SIMD kernels compute a·b + c with one rounding, in a single instruction (relaxed SIMD): faster, and other last digits than
 * with two roundings. On by itself where the engine offers it unasked. In Node 20, `setFma(true)` switches it on in the engine.
 * @throws DeviceError when it shall be on and the engine has no such instruction; DomainError when given no boolean
 */
export function setFma(on: boolean): void {
  checkSwitch('setFma', on);
  if (on && !hasFma()) askForFma();
  if (on && !hasFma())
    throw new DeviceError('setFma', 'this engine has no relaxed SIMD: Node >= 22, or a current browser, has it');
  settings.fma = on;
}

/** Node 20 has the instructions, and a flag that hides them. */
function askForFma(): void {
  if (whyNoSimd() !== null) return;
  process?.getBuiltinModule?.('node:v8')?.setFlagsFromString?.('--experimental-wasm-relaxed-simd');
  relaxed = undefined;
}
