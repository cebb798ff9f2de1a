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
  /** Copy a model from a device, destroy the GPU behind it, and use both. */
  loss(mode: GpuMode): Promise<{ readonly said: readonly string[]; readonly kept: boolean }>;
}

const devices = new Map<GpuMode, GpuDevice>();

async function deviceIn(mode: GpuMode): Promise<GpuDevice> {
  const device = devices.get(mode) ?? (await gpuDevice({ mode }));
  devices.set(mode, device);
  return device;
}

interface WebGpu {
  readonly WebGPUContext: { destroy(): Promise<void> };
}

interface Gl {
  getExtension(name: 'WEBGL_lose_context'): { loseContext(): void } | null;
}

/** The WebGL contexts that canvases give from now on. */
function glContexts(): readonly Gl[] {
  const made: Gl[] = [];
  type Canvas = { prototype: { getContext(kind: string, ...rest: unknown[]): Gl | null } };
  const { HTMLCanvasElement, OffscreenCanvas } = globalThis as unknown as Record<string, Canvas>;
  for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
    const { getContext } = prototype;
    prototype.getContext = function (kind, ...rest) {
      const context = getContext.call(this, kind, ...rest);
      if (context !== null && kind.startsWith('webgl')) made.push(context);
      return context;
    };
  }
  return made;
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
  async loss(mode) {
    const contexts = glContexts();
    const gpu = await gpuDevice({ mode });
    const model = smallMlp().to(gpu);
    const copy = await Promise.all([...stateDict(model)].map(([, t]) => t.cpu()));
    const x = tensor([1, 2], { device: gpu });
    await gpu.sync();
    if (mode === 'webgpu') await (gpujs as unknown as WebGpu).WebGPUContext.destroy();
    else for (const gl of contexts) gl.getExtension('WEBGL_lose_context')?.loseContext();
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
