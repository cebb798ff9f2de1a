import type { Data } from './dtype.ts';
import type { Overlaid, Spec } from './kernel.ts';
import type { Tensor } from './tensor.ts';

/** A call of a kernel, as a device sees it whose memory the host does not. */
export interface RemoteCall {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
  /** Shape and dtype of each result. */
  readonly specs: readonly Spec[];
  /** The same call on the host. */
  onHost(inputs: readonly Tensor[]): readonly Tensor[];
}

/** What a device does in memory that the host does not see: kernels run there, and values come back when they are asked for. */
export interface Remote {
  /** Whether the device has code of its own for a kernel of this name. */
  has(name: string): boolean;
  /** The results of a kernel. */
  run(call: RemoteCall): readonly Tensor[];
  /** A copy of a tensor of the host. */
  upload(x: Tensor): Tensor;
  /** One value everywhere. */
  full(spec: Spec, value: number): Tensor;
  /** The elements, once everything before has run. */
  read(x: Tensor): Promise<Data>;
  /** Write `value` over the elements of `target`, and of every tensor that shares its storage. */
  assign(target: Tensor, value: Tensor): void;
}

/**
 * Where a tensor's values live and what computes on them. A device lays its own implementations over the kernels'
 * definitions, by kernel name; what it lacks runs the definition.
 */
export interface Device {
  readonly name: string;
  /** Whether the host sees the values. On `meta` there are none; elsewhere `remote` has them. */
  readonly hasData: boolean;
  readonly overlay: ReadonlyMap<string, Overlaid>;
  /** On a device with memory of its own. */
  readonly remote?: Remote;
}

/** SIMD kernels by name: filled by `simd/`, and what the host lays over its loops while `setSimd` has not switched it off. */
export const simdOverlay: Map<string, Overlaid> = new Map();

/** The host: typed arrays; plain loops, and for float32 SIMD kernels where the engine allows them. */
export const cpu: Device = { name: 'cpu', hasData: true, overlay: simdOverlay };

/** Shapes without values: any model can be built and counted here, and no memory is used. */
export const meta: Device = { name: 'meta', hasData: false, overlay: new Map() };
