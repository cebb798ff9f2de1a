import { cpus } from 'node:os';
import { noGrad } from '../../autograd/scoped.ts';
import type { GpuDevice, GpuMode } from '../../gpu.ts';
import type { Device } from '../../tensor/device.ts';
import { DeviceError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
import { deviceInfo } from '../../tensor/simd/info.ts';
import { settings } from '../../tensor/simd/settings.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import '../../tensor/simd/install.ts';
import { readArguments } from '../arguments.ts';
import { formatNumber } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import { families, type KernelFamily } from './families.ts';

const help = `Usage: spectragrad doctor [options]

Shows what this machine computes with, and holds each way of computing to the plain loops that define the kernels.

  --json   print it as JSON on standard output
  --help   this text`;

/** A way to compute, and whether it works. */
export interface Diagnosis {
  readonly name: string;
  /** Why it cannot be had; null when it can. */
  readonly problem: string | null;
  /** By family: the largest error, relative to the largest number of the result. */
  readonly errors: Readonly<Record<string, number>>;
  /** Kernels that the host computed instead. */
  readonly left: readonly string[];
}

/** Errors above this are called wrong. */
const tolerance = 1e-5;

/**
 * `spectragrad doctor`: what runs here, how well, and why not more.
 * @returns the exit code: 0, or 1 when something computes wrongly
 * @throws UsageError for a mistake in the arguments
 */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const given = readArguments(args, [], ['json', 'help']);
  if (given.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const host = deviceInfo();
  const found = [hostDiagnosis(host.why), ...(await gpuDiagnoses())];
  const machine = { node: process.versions.node, cores: cpus().length, ...host };
  const wrong = found.some(({ errors }) => Object.values(errors).some((error) => !(error <= tolerance)));
  process.stdout.write(
    given.json === true ? `${JSON.stringify({ machine, devices: found })}\n` : shown(machine, found),
  );
  return wrong ? 1 : 0;
}

/** Operands of a family, and what the plain loops make of them. */
function plainly({ operands, compute }: KernelFamily): {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
} {
  const before = settings.on;
  settings.on = false;
  try {
    const xs = operands(new Rng(1));
    return { xs, ys: noGrad(() => compute(xs)) };
  } finally {
    settings.on = before;
  }
}

function hostDiagnosis(problem: string | null): Diagnosis {
  const errors = families.map((family): [string, number] => {
    const { xs, ys } = plainly(family);
    const made = noGrad(() => family.compute(xs));
    return [family.name, Math.max(...made.map((y, i) => errorOf(y, ys[i])))];
  });
  return { name: 'cpu (SIMD)', problem, errors: problem === null ? Object.fromEntries(errors) : {}, left: [] };
}

async function gpuDiagnoses(): Promise<readonly Diagnosis[]> {
  const { gpuDevice, reportModes } = await import('../../gpu.ts');
  try {
    const diagnoses: Diagnosis[] = [];
    for (const { mode, problem } of await reportModes())
      diagnoses.push(problem === null ? await gpuDiagnosis(await gpuDevice({ mode })) : absent(`gpu:${mode}`, problem));
    return diagnoses;
  } catch (error) {
    if (error instanceof DeviceError) return [absent('gpu', error.message)];
    throw error;
  }
}

const absent = (name: `gpu:${GpuMode}` | 'gpu', problem: string): Diagnosis => ({
  name,
  problem,
  errors: {},
  left: [],
});

async function gpuDiagnosis(gpu: GpuDevice): Promise<Diagnosis> {
  const errors: Record<string, number> = {};
  for (const family of families) errors[family.name] = await errorOn(gpu, family);
  const left = Object.keys(gpu.info().fallbacks);
  await gpu.dispose();
  return { name: gpu.name, problem: null, errors, left };
}

async function errorOn(device: Device, family: KernelFamily): Promise<number> {
  const { xs, ys } = plainly(family);
  const made = noGrad(() => family.compute(xs.map((x) => x.to(device))));
  let most = 0;
  for (const [i, y] of made.entries()) most = Math.max(most, errorOf(await y.cpu(), ys[i]));
  return most;
}

/** The largest difference, relative to the largest number that should be there. */
function errorOf({ data: found }: Tensor, { data: expected }: Tensor): number {
  let [difference, size] = [0, 2 ** -126];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return Number.isNaN(difference) ? Infinity : difference / size;
}

type Machine = ReturnType<typeof deviceInfo> & { readonly node: string; readonly cores: number };

function shown({ node, cores, simd, why, fma, threads }: Machine, found: readonly Diagnosis[]): string {
  const lines = [
    `Node ${node}, ${cores} cores`,
    `SIMD ${simd ? `on, ${fma ? 'with' : 'without'} fused multiply-add` : `off: ${why}`}; threads ${threads}`,
  ];
  const here = found.filter(({ problem }) => problem === null);
  const table = renderTable({
    columns: [{ title: 'Largest error', align: 'left' }, ...here.map(({ name }) => ({ title: name }))],
    rows: families.map(({ name }) => [name, ...here.map(({ errors }) => formatNumber(errors[name], 2))]),
  });
  const missing = found.filter(({ problem }) => problem !== null).map(({ name, problem }) => `${name}: ${problem}`);
  const left = here.filter((d) => d.left.length > 0).map((d) => `${d.name} leaves to the host: ${d.left.join(', ')}`);
  return `${[...lines, '', table, '', ...missing, ...left].join('\n')}\n`;
}
