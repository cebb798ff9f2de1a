/** Kernels three ways in one run: plain loops, SIMD on ordinary arrays, SIMD in a scope on pinned operands. */
import { Bench } from 'tinybench';
import { pin, scope, setSimd, type Tensor, unpin } from '../../src/index.ts';
import { columns, median, option, show } from '../measure.ts';

/** One call. */
export interface Case {
  readonly name: string;
  /** Floating operations, or elements, of a run. */
  readonly work: number;
  /** How `work` is counted: flops are shown as GFLOP/s, elements as ns each. */
  readonly unit: 'flops' | 'elements';
  readonly operands: readonly Tensor[];
  run(): unknown;
}

const ways = ['plain loops', 'SIMD', 'SIMD in a scope'] as const;

/** Median ms of each way in one round of tinybench. */
async function round({ run, operands }: Case, time: number): Promise<number[]> {
  const bench = new Bench({ time, warmupTime: time / 2, iterations: 3, warmupIterations: 1 });
  const on = (simd: boolean): { beforeAll: () => void } => ({ beforeAll: () => setSimd(simd) });
  bench.add(ways[0], () => void run(), on(false));
  bench.add(ways[1], () => void run(), on(true));
  bench.add(ways[2], () => scope(() => void run()), {
    beforeAll() {
      setSimd(true);
      pin(operands);
    },
    afterAll: () => unpin(operands),
  });
  await bench.run();
  setSimd(true);
  return bench.tasks.map(({ name, result }) => {
    if (result.state === 'errored') throw result.error;
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
    return result.latency.p50;
  });
}

const rate = ({ work, unit }: Case, ms: number): string =>
  show(unit === 'flops' ? work / (ms * 1e6) : (ms * 1e6) / work);

/**
 * Run all cases and print a table; `--rounds=3 --budget=60` (ms of a sample).
 * @param words only cases whose name has one of these; all without any
 */
export async function suite(title: string, cases: readonly Case[]): Promise<void> {
  const [rounds, budget] = [option('rounds', 3), option('budget', 60)];
  const lines = [[title, '', ...ways, 'times', 'in a scope']];
  for (const each of cases) {
    const found: number[][] = [];
    for (let i = 0; i < rounds; i++) found.push(await round(each, budget));
    const times = ways.map((_, way) => median(found.map((ms) => ms[way])));
    const gain = (way: number): string => show(median(found.map((ms) => ms[0] / ms[way])));
    const unit = each.unit === 'flops' ? 'GFLOP/s' : 'ns/element';
    lines.push([each.name, unit, ...times.map((ms) => rate(each, ms)), `${gain(1)}x`, `${gain(2)}x`]);
  }
  console.log(`${columns(lines)}\n`);
}
