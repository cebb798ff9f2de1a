/** A training step in every way it can be run: plain loops, SIMD, in a scope, on one thread and on two. */
import { setSimd, setThreads } from '../../src/index.ts';
import { columns, interleave, median, option, ratio, show, type Variant } from '../measure.ts';
import type { Work } from '../peers/contender.ts';

/** Makes a model of its own, so that variants train side by side. */
export type Make = (scoped: boolean) => Work;

/** A variant with settings that hold during its samples. */
const way = (name: string, work: Work, simd: boolean, threads: number): Variant => ({
  name,
  async before() {
    setSimd(simd);
    await setThreads(threads);
  },
  run: () => void work.run(),
});

/** Time one step in each way and print a table; `--rounds=7 --budget=200` (ms of a sample). */
export async function compareWays(title: string, make: Make): Promise<void> {
  const plan = { rounds: option('rounds', 7), budget: option('budget', 200) };
  const variants = [
    way('plain loops', make(false), false, 1),
    way('SIMD', make(false), true, 1),
    way('SIMD in a scope', make(true), true, 1),
    way('SIMD, 2 threads', make(false), true, 2),
    way('SIMD in a scope, 2 threads', make(true), true, 2),
  ];
  const samples = await interleave(variants, plan);
  setSimd(true);
  await setThreads(1);
  const of = (name: string): readonly number[] => samples.get(name) ?? [];
  const lines = variants.map(({ name }) => [
    name,
    show(median(Object.values(of(name)))),
    `${show(ratio(of('plain loops'), of(name)))}x`,
    `${show(ratio(of('SIMD'), of(name)))}x`,
  ]);
  console.log(`${columns([[title, 'ms', 'of plain loops', 'of SIMD'], ...lines])}\n`);
}
