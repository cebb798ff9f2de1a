import { fallbacks } from '../kernel.ts';
import { crew } from './crew.ts';
import { type RoomUse, roomUse } from './memory.ts';
import { usesFma, whyPlain } from './settings.ts';

/** What the host computes with. */
export interface DeviceInfo {
  /** Whether float32 kernels run in WebAssembly SIMD. */
  readonly simd: boolean;
  /** Why they do not; null when they do. */
  readonly why: string | null;
  /** Whether they round a·b + c once: see `setFma`. */
  readonly fma: boolean;
  /** Threads that share the work: see `setThreads`. */
  readonly threads: number;
  /** The memory that they work on. */
  readonly memory: RoomUse;
  /** How often a kernel's plain loop ran because there was no room for its operands in the memory, by kernel. */
  readonly fallbacks: Readonly<Record<string, number>>;
}

/** What runs here, and why not more. */
export function deviceInfo(): DeviceInfo {
  const why = whyPlain();
  return {
    simd: why === null,
    why,
    fma: why === null && usesFma(),
    threads: crew.size,
    memory: roomUse(),
    fallbacks: Object.fromEntries(fallbacks),
  };
}
