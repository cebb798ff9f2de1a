/** What runs in the page: the GPU device in a mode of GPU.js. */
import gpujs from 'gpu.js';
import { type GpuDevice, type GpuInfo, type GpuMode, gpuDevice, reportModes } from '../../src/gpu.ts';
import { add, tensor } from '../../src/index.ts';
import { stateDict } from '../../src/nn/index.ts';
import { gpuCases } from '../gpu/cases/all.ts';
import { smallMlp, trainWithSst } from '../gpu/training.ts';
import { type GpuVerdict, verdictOf } from '../harness/gpuKernel.ts';

/** What a page can be asked. */
export interface GpuPage {
  modes(): ReturnType<typeof reportModes>;
  /** Kernels against their definitions: those named, or all. */
  kernels(
    mode: GpuMode,
    names: readonly string[],
  ): Promise<{ readonly verdicts: readonly GpuVerdict[]; readonly info: GpuInfo }>;
  /** Losses of an MLP trained with SST. */
  losses(mode: GpuMode, steps: number): Promise<{ readonly losses: readonly number[]; readonly info: GpuInfo }>;
  /** Copy a model from the WebGPU device, destroy the GPU behind it, and use both. */
  loss(): Promise<{ readonly said: readonly string[]; readonly kept: boolean }>;
}

const devices = new Map<GpuMode, GpuDevice>();

async function deviceIn(mode: GpuMode): Promise<GpuDevice> {
  const device = devices.get(mode) ?? (await gpuDevice({ mode }));
  devices.set(mode, device);
  return device;
}

const messageOf = (error: Error): string => `${error.name}: ${error.message}`;

const page: GpuPage = {
  modes: () => reportModes(),
  async kernels(mode, names) {
    const gpu = await deviceIn(mode);
    const verdicts: GpuVerdict[] = [];
    for (const claim of gpuCases)
      if (names.length === 0 || names.includes(claim.name)) verdicts.push(await verdictOf(gpu, claim, 1));
    return { verdicts, info: gpu.info() };
  },
  async losses(mode, steps) {
    const gpu = await deviceIn(mode);
    return { losses: await trainWithSst(gpu, steps), info: gpu.info() };
  },
  async loss() {
    const gpu = await gpuDevice({ mode: 'webgpu' });
    const model = smallMlp().to(gpu);
    const copy = await Promise.all([...stateDict(model)].map(([, t]) => t.cpu()));
    const x = tensor([1, 2], { device: gpu });
    await gpu.sync();
    await (gpujs as unknown as { WebGPUContext: { destroy(): Promise<void> } }).WebGPUContext.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const tries = [() => add(x, 1).read(), () => x.read(), () => gpu.sync(), () => model.cpu()];
    const said: string[] = [];
    for (const attempt of tries)
      try {
        await attempt();
        said.push('nothing');
      } catch (error) {
        said.push(messageOf(error as Error));
      }
    const fresh = stateDict(smallMlp());
    return { said, kept: [...fresh.values()].every((t, i) => t.data.every((v, j) => v === copy[i].data[j])) };
  },
};

(globalThis as { gpuPage?: GpuPage }).gpuPage = page;
