import { DeviceError, DomainError } from '../errors.ts';
import { GpuDevice } from './device.ts';
import {
  type GpuJs,
  type GpuJsModule,
  type GpuMode,
  gpuModes,
  loadGpuJs,
  moduleFrom,
  open,
  realModes,
} from './gpujs.ts';
import { Runner } from './launch.ts';
import type { GpuTable } from './overlay.ts';

/** How a GPU is asked for. */
export interface GpuOptions {
  /** A mode of GPU.js, or the best one that is a GPU: `webgpu`, `webgl2`, `headlessgl`. Default `auto`. */
  readonly mode?: GpuMode | 'auto';
  /** Raise a `DeviceError` where the device has no kernel of its own, instead of computing on the host. Default false. */
  readonly strict?: boolean;
  /** The module gpu.js, where it cannot be imported under that name: a page that loads it with a script element. */
  readonly gpujs?: unknown;
}

/** A mode, and why it cannot be had; null when it can. */
export interface ModeReport {
  readonly mode: GpuMode;
  readonly problem: string | null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** @throws DomainError when an option is no such thing */
function checkOptions({ mode = 'auto', strict = false }: GpuOptions): void {
  const modes = ['auto', ...gpuModes];
  if (!modes.includes(mode))
    throw new DomainError('gpuDevice', `mode is one of ${modes.join(', ')}, got '${String(mode)}'`);
  if (typeof strict !== 'boolean') throw new DomainError('gpuDevice', `strict is true or false, got ${String(strict)}`);
}

/**
 * A device in the first of some modes that really computes.
 * @throws DeviceError, rejecting, that lists each mode and why it was refused
 */
export async function openDevice(options: GpuOptions, table: GpuTable): Promise<GpuDevice> {
  checkOptions(options);
  const { mode = 'auto', strict = false, gpujs } = options;
  const module = gpujs === undefined ? await loadGpuJs() : moduleFrom(gpujs);
  const refused: string[] = [];
  for (const candidate of mode === 'auto' ? realModes : [mode])
    try {
      return await deviceOf(module, await open(module, candidate), candidate, strict, table);
    } catch (error) {
      refused.push(`${candidate}: ${messageOf(error)}`);
    }
  throw new DeviceError('gpuDevice', `no mode of GPU.js computes here. ${refused.join('; ')}`);
}

/** Each mode, and why it cannot be had. @throws DeviceError, rejecting, when gpu.js cannot be loaded */
export async function reportModes(gpujs?: unknown): Promise<readonly ModeReport[]> {
  const module = gpujs === undefined ? await loadGpuJs() : moduleFrom(gpujs);
  const reports: ModeReport[] = [];
  for (const mode of gpuModes)
    try {
      await (await open(module, mode)).destroy();
      reports.push({ mode, problem: null });
    } catch (error) {
      reports.push({ mode, problem: messageOf(error) });
    }
  return reports;
}

async function deviceOf(
  module: GpuJsModule,
  gpu: GpuJs,
  mode: GpuMode,
  strict: boolean,
  table: GpuTable,
): Promise<GpuDevice> {
  const onDevice = realModes.includes(mode);
  const runner = new Runner(gpu, mode === 'webgpu', onDevice);
  await runner.prepare();
  const device = new GpuDevice({ mode, runner, table, strict });
  if (mode === 'webgpu') await watch(module, device);
  return device;
}

/** Have a device told when the GPU behind it is gone. */
async function watch({ WebGPUContext }: GpuJsModule, device: GpuDevice): Promise<void> {
  const { device: gpu } = (await WebGPUContext?.acquire()) ?? {};
  void gpu?.lost.then(({ message, reason }) => device.lose(message || reason || 'the GPU was lost'));
}
