import { readFileSync } from 'node:fs';
import { gpuKernels } from '../../src/gpu.ts';
import { type Column, renderMarkdown } from '../../src/lab/terminal/table.ts';
import type { GpuVerdict } from '../harness/gpuKernel.ts';
import { root, sources } from '../package/tree.ts';

/** Verdicts on the kernels of the device, in one mode. */
export interface ModeStatus {
  readonly mode: string;
  readonly verdicts: readonly GpuVerdict[];
}

/** The names of all kernels that the sources define, in the order of their files. */
export function kernelNames(): readonly string[] {
  const found = sources('src')
    .map((path) => readFileSync(root + path, 'utf8'))
    .flatMap((text) => [...text.matchAll(/export const \w+Kernel\b[^=]*=[^']*'(\w+)'/g)])
    .map(([, name]) => name);
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
}

function cell(verdict: GpuVerdict | undefined): string {
  if (verdict === undefined) return 'host';
  if (verdict.problem !== null) return `error: ${verdict.problem}`;
  return verdict.left === 0 ? 'ran' : `ran, ${verdict.left} of ${verdict.calls} calls on the host`;
}

/** `docs/gpu-status.md`. */
export function statusPage(modes: readonly ModeStatus[]): string {
  const names = kernelNames();
  const formulas = Object.keys(gpuKernels).filter((name) => !names.includes(name));
  const columns: readonly Column[] = [
    { title: 'kernel', align: 'left' },
    ...modes.map(({ mode }): Column => ({ title: mode, align: 'left' })),
  ];
  const rows = [...names, ...formulas].map((name) => [
    name,
    ...modes.map(({ verdicts }) => cell(verdicts.find((verdict) => verdict.name === name))),
  ]);
  const reasons = new Map(
    modes.flatMap(({ verdicts }) => verdicts.map(({ name, reason }) => [name, reason] as const)).filter(([, r]) => r),
  );
  return `# Kernels of the GPU device

Every kernel, in each mode of GPU.js: \`ran\` on the device, within its tolerance of the definition; or left to the \`host\`, which computes it and counts it.
\`cpu\` and \`webasm\` were tried in Node, \`webgl2\` and \`webgpu\` in headless Chromium on SwiftShader. Written by \`UPDATE_DOCS=1 npm run test:browser -- gpu\`, and
compared by the same test without that.

${renderMarkdown({ columns, rows })}

Why some calls of a kernel that the device has are the host's:

${[...reasons].map(([name, reason]) => `- \`${name}\`: ${reason}`).join('\n')}
`;
}
