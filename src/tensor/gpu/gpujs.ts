import { DeviceError } from '../errors.ts';
import type { Texture } from './held.ts';

/** Where GPU.js runs kernels: on a GPU (`webgpu`, `webgl2`, `headlessgl`), or on the host (`webasm`, `cpu`). */
export type GpuMode = 'webgpu' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu';

/** A compiled kernel. */
export interface GpuJsKernel {
  (...args: unknown[]): Texture | Float32Array | Promise<Texture | Float32Array>;
  setOutput(sizes: readonly number[]): unknown;
  destroy(): void;
  /** What runs behind it: its class says where, which may be elsewhere than was asked for. */
  readonly kernel: { readonly constructor: { readonly mode?: string }; readonly fallbackReason?: unknown };
}

/** An instance of GPU.js. */
export interface GpuJs {
  createKernel(source: string, settings: Readonly<Record<string, unknown>>): GpuJsKernel;
  destroy(): Promise<void> | void;
  readonly context?: { isContextLost?(): boolean } | null;
}

/** The part of gpu.js 2.24.1 that is used. */
export interface GpuJsModule {
  readonly GPU: {
    new (settings: { readonly mode: GpuMode }): GpuJs;
    isWebGPUAvailable(): Promise<boolean>;
    readonly isWebGL2Supported: boolean;
    readonly isHeadlessGLSupported: boolean;
  };
  /** Of WebGPU: one device that all kernels of a page share. */
  readonly WebGPUContext?: { acquire(): Promise<{ readonly device: WebGpuDevice }> };
}

/** What is used of a GPUDevice. */
export interface WebGpuDevice {
  readonly lost: Promise<{ readonly message: string; readonly reason?: string }>;
}

const install = 'npm install gpu.js@2.24.1';

/** Anything that might be the module: a CommonJS module behind `default`, a bundle that is the class itself. */
type Candidate = Partial<GpuJsModule> & { readonly default?: Candidate };

/**
 * The module out of what an import gave.
 * @throws DeviceError when it is not gpu.js of this version
 */
export function moduleFrom(found: unknown): GpuJsModule {
  for (let at = found as Candidate | undefined; at != null; at = at.default) {
    const { GPU } = at;
    if (typeof GPU !== 'function') continue;
    if (typeof GPU.prototype?.createKernel === 'function' && typeof GPU.isWebGPUAvailable === 'function')
      return at as GpuJsModule;
  }
  throw new DeviceError('gpuDevice', `this gpu.js is not version 2.24.1: ${install}`);
}

/**
 * Load gpu.js, which the package does not depend on.
 * @throws DeviceError, rejecting, when it is not installed, does not load, or is another version
 */
export async function loadGpuJs(): Promise<GpuJsModule> {
  let found: unknown;
  try {
    found = await import('gpu.js');
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    const why = missing
      ? 'is not installed'
      : `does not load (${error instanceof Error ? error.message : String(error)})`;
    throw new DeviceError('gpuDevice', `gpu.js ${why}: ${install}`);
  }
  return moduleFrom(found);
}

/** Settings with which every kernel is made: sizes may change from call to call, results stay on the device and are never reused. */
export const kernelSettings: Readonly<Record<string, unknown>> = {
  dynamicOutput: true,
  dynamicArguments: true,
  pipeline: true,
  immutable: true,
  precision: 'single',
  tactic: 'precision',
  loopMaxIterations: 1 << 20,
};

/** Whether GPU.js says that it has a mode here; it may be wrong. */
const claims: Readonly<Record<GpuMode, (GPU: GpuJsModule['GPU']) => boolean | Promise<boolean>>> = {
  webgpu: (GPU) => GPU.isWebGPUAvailable(),
  webgl2: (GPU) => GPU.isWebGL2Supported,
  headlessgl: (GPU) => GPU.isHeadlessGLSupported,
  webasm: () => true,
  cpu: () => true,
};

/** What the class of a kernel calls itself, by mode. */
const classes: Readonly<Record<GpuMode, string>> = {
  webgpu: 'webgpu',
  webgl2: 'gpu',
  headlessgl: 'gpu',
  webasm: 'webasm',
  cpu: 'cpu',
};

/** The names of all modes. */
export const gpuModes: readonly GpuMode[] = Object.keys(claims) as GpuMode[];

/** Those that are a GPU, best first. */
export const realModes: readonly GpuMode[] = ['webgpu', 'webgl2', 'headlessgl'];

/**
 * An instance that really computes in a mode: it has computed something, and said where.
 * @throws Error saying why there is none
 */
export async function open({ GPU }: GpuJsModule, mode: GpuMode): Promise<GpuJs> {
  if (!(await claims[mode](GPU))) throw new Error(`not available here`);
  const gpu = new GPU({ mode });
  const probe = gpu.createKernel('function (x) { return x[this.thread.x] + 1; }', { ...kernelSettings, output: [2] });
  const y = await probe(Float32Array.of(1, 2));
  const { constructor, fallbackReason } = probe.kernel;
  if (constructor.mode !== classes[mode])
    throw new Error(`its kernels run as '${constructor.mode}'${fallbackReason ? ` (${String(fallbackReason)})` : ''}`);
  const values = y instanceof Float32Array ? y : await y.toArray();
  if (values[0] !== 2 || values[1] !== 3) throw new Error(`1 + 1 and 2 + 1 gave ${values[0]} and ${values[1]}`);
  if (!(y instanceof Float32Array)) y.delete();
  return gpu;
}
