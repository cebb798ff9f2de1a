/**
 * How the benches measure: short samples of each variant in turn, medians over the rounds, and ratios within a round, because
 * machines drift. Figures of one run compare; those of two runs do not.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { deviceInfo } from '../src/index.ts';

/** The middle one; of an even number the mean of two. NaN of none. */
export function median(xs: readonly number[]): number {
  const sorted = [...xs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One way of doing the work. */
export interface Variant {
  readonly name: string;
  /** Makes it ready for a sample: settings that the variants do not share. */
  before?(): undefined | Promise<void>;
  run(): void;
}

/** How long and how often. */
export interface Plan {
  readonly rounds: number;
  /** Ms of a sample; a run that is longer is a sample. */
  readonly budget: number;
  /** What passes on the wall (default), or the processor's time, which a busy machine disturbs less. */
  readonly clock?: 'wall' | 'cpu';
  /** Ms after which a variant gives no more samples. Default: 20 samples of full length. */
  readonly share?: number;
}

const clocks = {
  wall: (): number => performance.now(),
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** Ms per run of one sample, after one run that does not count if it is short. */
export function sample(run: () => void, budget: number, clock: 'wall' | 'cpu' = 'wall'): number {
  const now = clocks[clock];
  const [start, began] = [performance.now(), now()];
  run();
  const first = performance.now() - start;
  if (first > budget) return now() - began;
  const each = Math.max(1, Math.floor(0.5 / first));
  const [from, at] = [performance.now(), now()];
  let runs = 0;
  while (performance.now() - from < budget) {
    for (let i = 0; i < each; i++) run();
    runs += each;
  }
  return (now() - at) / runs;
}

/** Ms per run in each round, by name; a variant that used up its share is missing from later rounds. */
export async function interleave(variants: readonly Variant[], plan: Plan): Promise<Map<string, number[]>> {
  const { rounds, budget, share = 20 * budget, clock = 'wall' } = plan;
  const samples = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  const spent = new Map<string, number>();
  // Compiled code first: a round that does not count, twice as long.
  for (const { before, run } of variants) {
    await before?.();
    sample(run, 2 * budget);
  }
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < variants.length; turn++) {
      const { name, before, run } = variants[(round + turn) % variants.length];
      const used = spent.get(name) ?? 0;
      if (used > share) continue;
      await before?.();
      const ms = sample(run, budget, clock);
      (samples.get(name) as number[])[round] = ms;
      spent.set(name, used + Math.max(ms, budget));
    }
  return samples;
}

/** Median over the rounds of a/b; rounds in which one is missing do not count. */
export const ratio = (a: readonly number[] = [], b: readonly number[] = []): number =>
  median(a.flatMap((x, i) => (x === undefined || b[i] === undefined ? [] : [x / b[i]])));

/** A number given as `--name=value`. */
export function option(name: string, fallback: number): number {
  const word = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  const value = word === undefined ? fallback : Number(word.slice(name.length + 3));
  if (!(value > 0)) throw new Error(`--${name} is a number above 0, got ${word}`);
  return value;
}

/** Where figures were made. */
export const machine = (): Record<string, unknown> => ({
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  device: deviceInfo(),
});

/** Keep a report in bench/results. */
export function save(name: string, report: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify({ ...machine(), ...report }, null, 1);
  writeFileSync(new URL(`results/${name}.json`, import.meta.url), `${text}\n`);
}

/** Three significant digits, without an exponent. */
export const show = (x: number): string =>
  Number.isNaN(x) ? '–' : x >= 100 ? x.toFixed(0) : x.toPrecision(x >= 10 ? 3 : 2);

/** Columns of text: the first to the left, the others to the right. */
export function columns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const pad = (cell: string, i: number): string => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return lines.map((line) => line.map(pad).join('  ')).join('\n');
}
