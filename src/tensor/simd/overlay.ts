import { simdOverlay } from '../device.ts';
import type { Overlaid } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import { usesSimd } from './settings.ts';

/** Elements below which a plain loop is as fast: the choice never depends on where operands lie, so that a scope changes no bit. */
export const fewest = 32;

/** Whether all operands are float32, and the first has enough elements. */
export const isFloat32 = (inputs: readonly Tensor[]): boolean =>
  inputs[0].size >= fewest && inputs.every((x) => x.dtype === 'float32');

/** Lay a SIMD kernel over the definition of that name. */
export function overlay<I extends readonly Tensor[], A, O extends readonly Tensor[]>(
  name: string,
  kernel: Overlaid<I, A, O>,
): void {
  const accepts = (inputs: I, attrs: A): boolean => kernel.accepts(inputs, attrs) && usesSimd();
  simdOverlay.set(name, { ...kernel, accepts } as unknown as Overlaid);
}
