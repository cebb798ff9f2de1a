import type { GpuMode } from '../gpu.ts';
import { cpu, type Device } from '../tensor/device.ts';
import { DeviceError, DomainError } from '../tensor/errors.ts';
import { ReportedError, UsageError } from './usage.ts';

/** Where a command computes: the host, or a GPU in a mode of GPU.js. */
export type DeviceName = 'cpu' | 'gpu' | `gpu:${GpuMode}`;

/** The help of `--device`. */
export const deviceHelp = `  --device NAME         cpu (default), gpu for the best GPU, or gpu:MODE with a mode of GPU.js: webgpu, webgl2,
                        headlessgl, and without a GPU webasm and cpu (see spectragrad doctor)`;

const named = /^(cpu|gpu(:(webgpu|webgl2|headlessgl|webasm|cpu))?)$/;

/** The device that was named. @throws UsageError when there is none of that name */
export function deviceName(given: string | undefined): DeviceName {
  if (given === undefined) return 'cpu';
  if (!named.test(given)) throw new UsageError(`--device is cpu, gpu or gpu:MODE, got '${given}'`);
  return given as DeviceName;
}

/** Run with a device, and let go of it. @throws ReportedError when it cannot be had here */
export async function withDevice<T>(name: DeviceName, run: (device: Device) => Promise<T>): Promise<T> {
  if (name === 'cpu') return run(cpu);
  const { gpuDevice } = await import('../gpu.ts');
  const mode = name === 'gpu' ? 'auto' : (name.slice('gpu:'.length) as GpuMode);
  const gpu = await gpuDevice({ mode }).catch((error: unknown) => {
    if (error instanceof DeviceError || error instanceof DomainError) throw new ReportedError(error.message);
    throw error;
  });
  try {
    const result = await run(gpu);
    const left = Object.entries(gpu.info().fallbacks).map(([kernel, { count }]) => `${kernel} ${count}x`);
    if (left.length > 0) process.stderr.write(`${gpu.name} left to the host: ${left.join(', ')}\n`);
    return result;
  } finally {
    await gpu.dispose();
  }
}
