/**
 * One contender in its process: answers requests, a line of JSON each, on standard input.
 *
 *     {"prepare": task}    inputs made, run until compiled  ->  {"result": [...], "notes": {...}}
 *     {"measure": ms}      runs for about that long         ->  {"wall": ms per run, "cpu": ms per run, "runs": n}
 *
 * Where something cannot be done the answer is {"why": "..."}. The first line is {"version", "about"}.
 */
import { createInterface } from 'node:readline';
import type { Contender, Spent, Work } from './contender.ts';
import type { Task } from './rows.ts';

/** What is asked. */
export type Request = { readonly prepare: Task } | { readonly measure: number };

/** Warm-up, in ms, of kernels: enough runs for the compilers, unless they are long. Steps run through so much code that they need more. */
const warmup = 300;
const stepWarmup = 3000;
/** Ms from which one run must do. */
const patience = 15_000;

const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  ours: async () => (await import('./ours.ts')).spectragrad('default'),
  'ours-other': async () => (await import('./ours.ts')).spectragrad('other'),
  'ours-fma': async () => (await import('./ours.ts')).spectragrad('fma'),
  'tfjs-wasm': async () => (await import('./tensorflow.ts')).tensorflow('wasm'),
  'tfjs-cpu': async () => (await import('./tensorflow.ts')).tensorflow('cpu'),
  'jax-js': async () => (await import('./jax.ts')).jax(),
  'ml-matrix': async () => (await import('./mlMatrix.ts')).mlMatrix(),
  'js-pytorch': async () => (await import('./jsPytorch.ts')).jsPytorch(),
};

const asked = process.argv[2];
const reply = (answer: unknown): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
// Standard output is the answer's: libraries that print do so elsewhere.
console.log = console.info = console.error;

let work: Work | undefined;

/** What `count` runs take together: by the work's own account where it has one. */
async function spend(count: number): Promise<Spent> {
  const { run } = work as Work;
  const before = process.cpuUsage();
  const start = performance.now();
  let own: Spent | undefined;
  for (let i = 0; i < count; i++) {
    const said = run();
    const spent = said instanceof Promise ? await said : said;
    if (spent !== undefined) own = { wall: spent.wall + (own?.wall ?? 0), cpu: spent.cpu + (own?.cpu ?? 0) };
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return own ?? { wall, cpu: (user + system) / 1000 };
}

async function prepare(contender: Contender, task: Task): Promise<unknown> {
  work?.free?.();
  work = undefined;
  const make = contender.makers[task.kind] as ((task: Task) => Work | Promise<Work>) | undefined;
  if (make === undefined) return { why: contender.lacks[task.kind] ?? `has no ${task.kind}` };
  const start = performance.now();
  work = await make(task);
  const first = await spend(1);
  // The second loss of a training step is what its gradients made of the first.
  if (first.wall < patience) await spend(1);
  const answer = { result: work.result(), notes: work.notes?.() };
  const enough = task.kind === 'mlp' || task.kind === 'block' || task.kind === 'hybonet' ? stepWarmup : warmup;
  while (performance.now() - start < enough) await spend(1);
  return answer;
}

/** Runs for about `budget` ms, after one to warm the caches that does not count if it is short. */
async function measure(budget: number): Promise<unknown> {
  if (work === undefined) return { why: 'not prepared' };
  const first = await spend(1);
  if (first.wall > budget) return { ...first, runs: 1 };
  // Several runs between two readings of the clock, where runs are short.
  const each = Math.max(1, Math.floor(1 / first.wall));
  let [wall, cpu, runs] = [0, 0, 0];
  while (wall < budget) {
    const spent = await spend(each);
    wall += spent.wall;
    cpu += spent.cpu;
    runs += each;
  }
  return { wall: wall / runs, cpu: cpu / runs, runs };
}

const told = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0];

const contender = await contenders[asked]();
reply({ version: contender.version, about: contender.about });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  try {
    reply('prepare' in request ? await prepare(contender, request.prepare) : await measure(request.measure));
  } catch (error) {
    reply({ why: told(error) });
  }
}
