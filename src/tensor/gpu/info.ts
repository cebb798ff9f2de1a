import type { GpuMode } from './gpujs.ts';
import type { Traffic } from './launch.ts';

/** What a device has done, and what lies on it. */
export interface GpuInfo extends Readonly<Traffic> {
  readonly mode: GpuMode;
  /** Whether ops return before they are computed. */
  readonly asynchronous: boolean;
  /** Arrays on the device that are still wanted, and their bytes. */
  readonly live: number;
  readonly bytes: number;
  /** Kernels compiled so far. */
  readonly kernels: number;
  /** Kernels that ran on the host instead, how often, and why. */
  readonly fallbacks: Readonly<Record<string, { readonly count: number; readonly reason: string }>>;
}
