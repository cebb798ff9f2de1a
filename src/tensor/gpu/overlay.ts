import type { Shape } from '../errors.ts';
import type { Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import type { GpuArray } from './held.ts';
import type { KernelText } from './text.ts';

/** An operand of a kernel on the device. */
export interface Operand extends Spec {
  readonly size: number;
  readonly array: GpuArray;
  /** The tensor itself, whose `data` can be read where it is `onHost`. */
  readonly tensor: Tensor;
}

/** Starts kernels for one call. */
export interface Launcher {
  /** Element i of the result is what the text gives for thread i. Arrays of size 0 may be given, and not be read. */
  launch(text: KernelText, size: number, args: readonly (GpuArray | number)[]): GpuArray;
  /** Numbers from the host: plans made from integer operands. */
  upload(data: ArrayLike<number>): GpuArray;
  /** One value, size times. */
  full(size: number, value: number): GpuArray;
}

/** What the device does for a kernel. */
export interface GpuKernel<A = unknown> {
  /** Why this call is left to the host; null when it is not. */
  refuses?(inputs: readonly Tensor[], attrs: A): string | null;
  /** One array for each result. What else is launched is let go when it returns. */
  run(on: Launcher, inputs: readonly Operand[], attrs: A, specs: readonly Spec[]): readonly GpuArray[];
}

/** Kernels of the device, by the name of the kernel whose definition they agree with. */
export type GpuTable = Readonly<Record<string, GpuKernel>>;

/** A kernel whose attributes have a type; the name it stands under in the table says which. */
export const gpuKernel = <A>(kernel: GpuKernel<A>): GpuKernel => kernel as GpuKernel;

/** Largest number of elements of a tensor: float32 numbers every one of them exactly. */
export const mostElements: number = 2 ** 24;

/** Rows of the last axis: how many, and how long. */
export function rowsOf({ shape }: { readonly shape: Shape }): readonly [count: number, length: number] {
  const length = shape.length === 0 ? 1 : shape[shape.length - 1];
  return [sizeOf(shape.slice(0, -1)), length];
}
