/**
 * What recording costs: nanoseconds per tiny op, and per op of a backward pass through a chain of them. The values are single
 * numbers, so nearly all of it is bookkeeping.
 *
 *     npm run bench -- overhead
 */
import { Bench } from 'tinybench';
import { add, grad, mul, neg, noGrad, type Tensor, tensor } from '../../src/index.ts';

/** Ops per run: enough for the clock. */
const ops = 1000;
const x = tensor(1, { requiresGrad: true });
const y = tensor(2);

const repeat = (fn: () => unknown) => (): void => {
  for (let i = 0; i < ops; i++) fn();
};

/** A chain of `ops` recorded calls. */
function chain(step: (z: Tensor, i: number) => Tensor): Tensor {
  let z: Tensor = x;
  for (let i = 0; i < ops; i++) z = step(z, i);
  return z;
}

const additions = (): Tensor => chain((z) => add(z, y));
const mixed = (): Tensor => chain((z, i) => (i % 2 === 0 ? mul(z, y) : neg(z)));

const bench = new Bench({ time: 1000, warmupTime: 300 });
let graph: Tensor = x;
bench
  .add(
    'add, recorded',
    repeat(() => add(x, y)),
  )
  .add(
    'add a number, recorded',
    repeat(() => add(x, 1)),
  )
  .add(
    'mul, recorded',
    repeat(() => mul(x, y)),
  )
  .add('add under noGrad', () => noGrad(repeat(() => add(x, y))))
  .add('chain of add, forward', additions);
for (const [name, make] of [
  ['add', additions],
  ['mul and neg', mixed],
] as const)
  bench.add(`chain of ${name}, backward`, () => grad(graph, [x]), {
    beforeEach() {
      graph = make();
    },
  });

await bench.run();
console.log(`${'nanoseconds per op'.padEnd(32)}${'median'.padStart(8)}${'least'.padStart(8)}${'p99'.padStart(8)}`);
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  const { p50, min, p99 } = result.latency;
  const show = (ms: number): string => ((ms * 1e6) / ops).toFixed(0).padStart(8);
  console.log(name.padEnd(32) + show(p50) + show(min) + show(p99));
}
