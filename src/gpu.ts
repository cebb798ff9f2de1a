/**
 * Tensors on a GPU, through GPU.js: `const gpu = await gpuDevice()`, then `tensor(values, { device: gpu })`, `x.to(gpu)`, `model.to(gpu)` and
 * `await y.read()`. GPU.js is not part of the package: `npm install gpu.js@2.24.1`.
 */
import { hyperbolicKernels } from './hyperbolic/gpu.ts';
import { nnKernels } from './nn/gpu.ts';
import { sstKernels } from './sst/gpu.ts';
import type { GpuDevice } from './tensor/gpu/device.ts';
import { type GpuOptions, openDevice } from './tensor/gpu/open.ts';
import type { GpuTable } from './tensor/gpu/overlay.ts';
import { tensorTable } from './tensor/gpu/table.ts';

export type { GpuDevice } from './tensor/gpu/device.ts';
export type { GpuMode } from './tensor/gpu/gpujs.ts';
export type { GpuInfo } from './tensor/gpu/info.ts';
export { type GpuOptions, type ModeReport, reportModes } from './tensor/gpu/open.ts';

/** Every kernel that the device has of its own. */
export const gpuKernels: GpuTable = { ...tensorTable, ...nnKernels, ...sstKernels, ...hyperbolicKernels };

/**
 * A GPU, in the mode asked for, or in the best that is a GPU and really computes here.
 * @throws DeviceError, rejecting, when gpu.js is not installed or another version, and when no mode computes, with the reason for each;
 * DomainError when an option is no such thing
 */
export const gpuDevice = (options: GpuOptions = {}): Promise<GpuDevice> => openDevice(options, gpuKernels);
