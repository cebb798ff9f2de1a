/**
 * Small ops beside jax-js and TensorFlow.js: overhead of a recorded scalar addition, and the gradient of 1,000 small ops.
 * Each contender runs in processes of its own, in turn; medians over all passes. Writes bench/results/peers.json.
 *
 *     npm run bench:peers
 *
 * The first run installs the pinned packages of this folder (`npm ci`).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { contenders, ops, type Pass, type Sample } from './contenders.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const rounds = 5;

if (!existsSync(`${here}node_modules`))
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: here, stdio: 'inherit' });

/** One process of one contender. */
function measure(name: string): Sample | string {
  const args = ['--import', 'tsx', `${here}contenders.ts`, name];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
  if (status === 0) return JSON.parse(stdout) as Sample;
  return stderr.split('\n').find((line) => line.includes('Error')) ?? `exit ${status}`;
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1];

/** A row of the table: which passes, what of them, in which unit. */
interface Row {
  readonly row: string;
  readonly kind: 'adds' | 'chain';
  readonly unit: string;
  of(pass: Pass): number;
}
const rows: readonly Row[] = [
  { row: 'scalar add, recorded', kind: 'adds', unit: 'ns', of: ({ forward }) => (forward * 1e6) / ops },
  { row: `backward of ${ops} ops on 16 numbers`, kind: 'chain', unit: 'ms', of: ({ backward }) => backward },
  {
    row: `forward and backward of ${ops} ops on 16 numbers`,
    kind: 'chain',
    unit: 'ms',
    of: ({ forward, backward }) => forward + backward,
  },
];

const names = Object.keys(contenders);
const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
const failures = new Map<string, string>();
for (let round = 0; round < rounds; round++)
  for (const name of names) {
    const found = measure(name);
    if (typeof found === 'string') failures.set(name, found);
    else samples.get(name)?.push(found);
  }

/** The median over all rounds, or why there is none. */
function cell({ kind, of }: Row, name: string): number | string {
  const each = (samples.get(name) ?? []).map((sample) => sample[kind]);
  const why = each.find((passes) => typeof passes === 'string') ?? failures.get(name);
  if (typeof why === 'string') return why;
  return Number(median(each.flatMap((passes) => (typeof passes === 'string' ? [] : passes.map(of)))).toPrecision(3));
}

const results = rows.map((row) => ({
  row: row.row,
  unit: row.unit,
  ...Object.fromEntries(names.map((name) => [name, cell(row, name)])),
}));
/** What the gradients were: a contender that computes something else is not one. */
const gradients = Object.fromEntries(
  names.map((name) => {
    const chain = samples.get(name)?.[0]?.chain;
    return [name, Array.isArray(chain) ? chain[0].gradient : null];
  }),
);
const report = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  rounds,
  versions: Object.fromEntries(names.map((name) => [name, samples.get(name)?.[0]?.version ?? null])),
  gradients,
  results,
};
console.table(Object.fromEntries(results.map(({ row, unit, ...cells }) => [`${row} (${unit})`, cells])));
writeFileSync(new URL('../results/peers.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
