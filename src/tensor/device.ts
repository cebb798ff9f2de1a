import type { Overlaid } from './kernel.ts';

/**
 * Where a tensor's values live and what computes on them. A device lays its own implementations over the kernels'
 * definitions, by kernel name; what it lacks runs the definition.
 */
export interface Device {
  readonly name: string;
  /** False on `meta`, whose tensors have a shape and a dtype but no values. */
  readonly hasData: boolean;
  readonly overlay: ReadonlyMap<string, Overlaid>;
}

/** SIMD kernels by name: filled by `simd/`, and what the host lays over its loops while `setSimd` has not switched it off. */
export const simdOverlay: Map<string, Overlaid> = new Map();

/** The host: typed arrays; plain loops, and for float32 SIMD kernels where the engine allows them. */
export const cpu: Device = { name: 'cpu', hasData: true, overlay: simdOverlay };

/** Shapes without values: any model can be built and counted here, and no memory is used. */
export const meta: Device = { name: 'meta', hasData: false, overlay: new Map() };
