/** What runs in the page: the kernels of the GPU device against their definitions, in a mode of GPU.js. */
import { type GpuDevice, type GpuInfo, type GpuMode, gpuDevice, reportModes } from '../../src/gpu.ts';
import { gpuCases } from '../gpu/cases/all.ts';
import { type GpuVerdict, verdictOf } from '../harness/gpuKernel.ts';

/** What a page can be asked. */
export interface GpuPage {
  modes(): ReturnType<typeof reportModes>;
  kernels(
    mode: GpuMode,
    names: readonly string[],
  ): Promise<{ readonly verdicts: readonly GpuVerdict[]; readonly info: GpuInfo }>;
}

const devices = new Map<GpuMode, GpuDevice>();

async function deviceIn(mode: GpuMode): Promise<GpuDevice> {
  const device = devices.get(mode) ?? (await gpuDevice({ mode }));
  devices.set(mode, device);
  return device;
}

const page: GpuPage = {
  modes: () => reportModes(),
  async kernels(mode, names) {
    const gpu = await deviceIn(mode);
    const verdicts: GpuVerdict[] = [];
    for (const claim of gpuCases)
      if (names.length === 0 || names.includes(claim.name)) verdicts.push(await verdictOf(gpu, claim, 1));
    return { verdicts, info: gpu.info() };
  },
};

(globalThis as { gpuPage?: GpuPage }).gpuPage = page;
