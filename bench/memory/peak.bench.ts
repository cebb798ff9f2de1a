/**
 * Memory of training steps: peak resident set, buffers allocated per step and their bytes, and what the SIMD heap held. Each step
 * and each way runs in a process of its own; what the same process holds before its first step is shown too.
 *
 *     npm run bench -- peak
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allocations, deviceInfo, setSimd } from '../../src/index.ts';
import { columns, option, save } from '../measure.ts';
import type { Work } from '../peers/contender.ts';
import { blockStep, mlpStep } from '../peers/oursSteps.ts';
import { chainStep } from '../steps/chain.ts';

const steps: Readonly<Record<string, (scoped: boolean) => Work>> = {
  mlp: (scoped) => mlpStep({ kind: 'mlp', widths: [784, 256, 256, 10], batch: 128, lr: 0.05 }, scoped),
  chain: chainStep,
  block: (scoped) => blockStep({ kind: 'block', d: 256, heads: 4, ff: 1024, length: 128, batch: 8, lr: 0.05 }, scoped),
};
const ways = ['plain loops', 'SIMD', 'SIMD in a scope'] as const;
const mebibyte = 2 ** 20;

/** What one process measured. */
interface Figures {
  readonly before: number;
  readonly peak: number;
  readonly count: number;
  readonly bytes: number;
  readonly memory: unknown;
}

/** Run steps for two seconds, ten at least. */
function measure(step: string, way: string): Figures {
  setSimd(way !== 'plain loops');
  const work = steps[step](way === 'SIMD in a scope');
  const before = process.resourceUsage().maxRSS * 1024;
  work.run();
  const start = performance.now();
  const from = allocations();
  let runs = 0;
  while (runs < 10 || performance.now() - start < option('budget', 2000)) {
    work.run();
    runs += 1;
  }
  const to = allocations();
  const peak = process.resourceUsage().maxRSS * 1024;
  const [count, bytes] = [(to.count - from.count) / runs, (to.bytes - from.bytes) / runs];
  return { before, peak, count, bytes, memory: deviceInfo().memory };
}

/** The same in a process of its own. */
function inProcess(step: string, way: string): Figures {
  const file = fileURLToPath(import.meta.url);
  const flags = process.argv.filter((arg) => arg.startsWith('--'));
  const args = ['--import', 'tsx', file, 'alone', step, way, ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${step}, ${way}: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

const [, script, alone, step, way] = process.argv;
if (script === fileURLToPath(import.meta.url) && alone === 'alone')
  process.stdout.write(JSON.stringify(measure(step, way)));
else {
  const found = Object.keys(steps).flatMap((step) => ways.map((way) => ({ step, way, ...inProcess(step, way) })));
  const lines = found.map(({ step, way, before, peak, count, bytes }) => [
    `${step}, ${way}`,
    ...[before, peak, bytes].map((n) => (n / mebibyte).toFixed(1)),
    count.toFixed(1),
  ]);
  console.log(columns([['', 'MiB before', 'MiB at most', 'MiB allocated per step', 'buffers per step'], ...lines]));
  save('memory', { command: 'npm run bench -- peak', results: found });
}
