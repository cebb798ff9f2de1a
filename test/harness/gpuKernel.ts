import type { GpuDevice } from '../../src/gpu.ts';
import { Rng, type Shape, zeros } from '../../src/index.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { list, plainly } from './definition.ts';

/** One call of a kernel, on the host. */
export type GpuCall = readonly [inputs: readonly Tensor[], attrs: unknown];

/** What a kernel of the GPU device is held to: in Node and in a browser, so nothing here needs either. */
export interface GpuCase {
  /** The kernel's name in the device's table. */
  readonly name: string;
  /** The kernel, or for a formula the function, called with operands and attributes. */
  readonly kernel: unknown;
  /** Calls: sizes 0, 1, odd, and more than 65,536 among them; special values where they mean something. */
  calls(rng: Rng): readonly GpuCall[];
  /**
   * Largest error allowed, of each element relative to itself; with `of: 'result'` relative to the largest of the result, and with a function
   * to what it gives for the call. Infinities and NaN stand where they stand in the definition's result.
   */
  readonly tolerance: number;
  readonly of?: 'element' | 'result' | ((inputs: readonly Tensor[], attrs: unknown) => number);
  /** Below this the error is absolute. Default 2⁻¹²⁶: GPUs may flush denormal numbers. */
  readonly smallest?: number;
  /** How many of the calls may be left to the host. Default 0. */
  readonly left?: number;
}

/** What came of a case. */
export interface GpuVerdict {
  readonly name: string;
  readonly calls: number;
  /** Calls that the host computed, and why. */
  readonly left: number;
  readonly reason: string | null;
  /** Largest error in units of the tolerance. */
  readonly worst: number;
  /** What is wrong; null when nothing is. */
  readonly problem: string | null;
}

type AnyKernel = (inputs: readonly Tensor[], attrs: unknown) => Tensor | readonly Tensor[];

/** The largest finite size of some numbers. */
export function largest(data: Data): number {
  let most = 0;
  for (const v of data) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v));
  return most;
}

/** The greatest error, in units of what is allowed, and where; infinite where a special value is missing. */
function worstOf(found: Data, expected: Data, scale: number | null, claim: GpuCase): readonly [number, number] {
  const { tolerance, smallest = 2 ** -126 } = claim;
  let [worst, at] = [0, -1];
  for (let i = 0; i < expected.length; i++) {
    const [y, e] = [found[i], expected[i]];
    if (Object.is(y, e) || y === e) continue;
    const error = Math.abs(y - e) / Math.max(tolerance * (scale ?? Math.abs(e)), smallest);
    const units = Number.isNaN(error) ? Infinity : error;
    if (units > worst) [worst, at] = [units, i];
  }
  return [worst, at];
}

async function judge(
  gpu: GpuDevice,
  claim: GpuCase,
  [inputs, attrs]: GpuCall,
): Promise<readonly [number, string | null]> {
  const run = claim.kernel as AnyKernel;
  const expected = plainly(() => list(run(inputs, attrs)));
  const made = list(
    run(
      inputs.map((x) => x.to(gpu)),
      attrs,
    ),
  );
  let most = 0;
  for (const [n, y] of made.entries()) {
    const found = await y.read();
    const e = expected[n];
    if (y.dtype !== e.dtype || y.shape.join() !== e.shape.join() || found.length !== e.size)
      return [Infinity, `result ${n} is ${y.dtype} [${y.shape}], by definition ${e.dtype} [${e.shape}]`];
    const { of = 'element' } = claim;
    const scale = of === 'element' ? null : of === 'result' ? largest(e.data) : of(inputs, attrs);
    const [worst, at] = worstOf(found, e.data, scale, claim);
    most = Math.max(most, worst);
    if (worst > 1)
      return [
        worst,
        `result ${n} of [${inputs.map((x) => `[${x.shape}]`)}] ${JSON.stringify(attrs) ?? ''}: element ${at} is ${found[at]}, by definition ${e.data[at]}`,
      ];
  }
  return [most, null];
}

/** Hold a kernel to its definition. */
export async function verdictOf(gpu: GpuDevice, claim: GpuCase, seed: number): Promise<GpuVerdict> {
  const { name, left: allowed = 0 } = claim;
  const before = gpu.info().fallbacks[name]?.count ?? 0;
  const calls = claim.calls(new Rng(seed));
  let [worst, problem]: [number, string | null] = [0, gpu.has(name) ? null : 'the device has no such kernel'];
  for (const call of calls)
    try {
      const [most, wrong] = await judge(gpu, claim, call);
      worst = Math.max(worst, most);
      problem ??= wrong;
    } catch (error) {
      problem ??= error instanceof Error ? error.message : String(error);
    }
  const fallback = gpu.info().fallbacks[name];
  const left = (fallback?.count ?? 0) - before;
  if (left > allowed) problem ??= `the host computed ${left} calls, ${allowed} allowed: ${fallback.reason}`;
  return { name, calls: calls.length, left, reason: left > 0 ? fallback.reason : null, worst, problem };
}

/** Numbers that arithmetic may stumble over. Denormal ones are left out: a GPU may take them for 0. */
export const unusual: readonly number[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1.17549435e-38,
  3.4e38,
  -3.4e38,
  88.8,
  -104,
  1,
  -1,
];

/** Values of a random tensor: normal ones times `scale`, passed through `of`; with `special`, here and there an unusual one. */
export interface Values {
  readonly scale?: number;
  readonly special?: boolean;
  readonly of?: (x: number) => number;
}

/** A float32 tensor of random numbers. */
export function numbers(rng: Rng, shape: Shape, { scale = 1, special = false, of = (x) => x }: Values = {}): Tensor {
  const x = zeros(shape);
  for (let i = 0; i < x.size; i++)
    x.data[i] = of(special && rng.uniform() < 0.1 ? unusual[rng.below(unusual.length)] : rng.normal() * scale);
  return x;
}

/** int32 numbers from 0 to n − 1. */
export function wholes(rng: Rng, shape: Shape, n: number): Tensor {
  const x = zeros(shape, { dtype: 'int32' });
  for (let i = 0; i < x.size; i++) x.data[i] = rng.below(n);
  return x;
}

/** true with chance p. */
export function coins(rng: Rng, shape: Shape, p: number = 0.5): Tensor {
  const x = zeros(shape, { dtype: 'bool' });
  for (let i = 0; i < x.size; i++) x.data[i] = rng.uniform() < p ? 1 : 0;
  return x;
}

/** Shapes that kernels are tried on: empty, of one element, odd, and one of more than 65,536 elements. */
export const sizes: readonly Shape[] = [[0], [1], [], [7], [3, 5], [2, 3, 4], [65_537]];
