/**
 * The same work in each library: TensorFlow.js, jax-js, ml-matrix, js-pytorch, and Debian's PyTorch and numpy where they are
 * installed. One process per contender, asked in turn for short samples, one thread each; the table holds medians over the
 * rounds of a contender's CPU time over ours in the same round. Writes bench/results/peers.json.
 *
 *     npm run bench:peers
 *     npm run bench:peers -- --rows mlp,block          only these rows, in the place of what the file holds of them
 *     npm run bench:peers -- --contenders torch,tfjs-wasm --rounds 5 --budget 50
 *
 * `ours` is plain calls, and for training steps what `fit` does (each step in a `scope`, the model pinned); `ours-other` is the
 * reverse: kernels in a scope on pinned operands, steps on plain arrays. `ours-fma` is `ours` with relaxed multiply-add.
 * `torch` takes the widest registers of the processor (512 bits, where it has them), `torch-avx2` those of 256 bits;
 * WebAssembly has 128.
 * The first run installs the pinned packages of this folder (`npm ci`). onnxruntime-node is left out: it downloads native code.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { build, buildTensorFlow, Child, install } from './children.ts';
import { explanations, type Goal, goals } from './goals.ts';
import { measure } from './measure.ts';
import { rows } from './rows.ts';
import * as table from './table.ts';

const all = [
  'ours',
  'ours-other',
  'ours-fma',
  'torch',
  'torch-avx2',
  'numpy',
  'tfjs-wasm',
  'jax-js',
  'ml-matrix',
  'tfjs-cpu',
  'js-pytorch',
];
const { values: asked } = parseArgs({
  options: {
    rows: { type: 'string', default: '' },
    contenders: { type: 'string', default: '' },
    rounds: { type: 'string', default: '15' },
    budget: { type: 'string', default: '50' },
  },
});
const [rounds, budget] = [Number(asked.rounds), Number(asked.budget)];
const words = (list: string): string[] => list.split(',').filter((word) => word !== '');
const chosen = rows.filter(({ id }) => asked.rows === '' || words(asked.rows).some((word) => id.startsWith(word)));
const names = all.filter(
  (name) => name === table.base || asked.contenders === '' || words(asked.contenders).includes(name),
);
if (chosen.length === 0 || !(rounds >= 1) || !(budget > 0)) {
  process.stderr.write(`rows are ${rows.map(({ id }) => id).join(', ')}; contenders ${all.join(', ')}\n`);
  process.exit(2);
}

install();
build();
buildTensorFlow();
const children = names.map((name) => new Child(name));
for (const child of children) await child.start();
const measured: table.Measured[] = [];
for (const row of chosen) {
  measured.push(await measure(row, children, { rounds, budget }));
  const line = names.map((name) => `${name} ${table.shown(measured[measured.length - 1], name)}`);
  process.stderr.write(`${row.id}: ${line.join('  ')}\n`);
}

/** A row of the file. */
const record = (each: table.Measured): { readonly id: string; readonly [field: string]: unknown } => ({
  id: each.row.id,
  label: each.row.label,
  ...(each.row.flops === undefined ? {} : { flops: each.row.flops }),
  ...(each.row.per === undefined ? {} : { per: each.row.per }),
  contenders: Object.fromEntries(
    [...each.cells].map(([name, { why, samples, notes }]) => {
      if (why !== undefined) return [name, { why }];
      const round = (x: number): number => Number(x.toPrecision(4));
      const of = (clock: 'wall' | 'cpu'): unknown => ({
        ms: round(table.time(each, name, clock)),
        ratio: round(table.ratio(each, name, clock)),
      });
      const extra = Object.keys(notes).length === 0 ? {} : { notes };
      const count = samples.filter((x) => x !== undefined).length;
      return [name, { cpu: of('cpu'), wall: of('wall'), samples: count, agrees: table.agrees(each, name), ...extra }];
    }),
  ),
});

const verdicts = table.judge(measured, goals);
const explained = table.judge(measured, explanations);
const report = {
  command: `npm run bench:peers -- --rounds ${rounds} --budget ${budget}`,
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  inputs: 'bench/peers/inputs.ts, seeds 1, 2, …',
  contenders: Object.fromEntries(children.map(({ name, hello }) => [name, hello])),
  results: measured.map(record),
  goals: verdicts,
  explanations: explained,
};
for (const child of children) child.stop();

const sections = [
  table.ratioTable(measured, names, (name) =>
    `${name} ${children.find((c) => c.name === name)?.hello.version ?? ''}`.trim(),
  ),
  'Our CPU time, and that of others in multiples of it; ! where the result differs from ours.',
  ...table.differences(measured),
  ...table.accuracies(measured),
  ...table.reasons(measured),
  '',
  ...verdicts.map(table.verdictLine),
  '',
  'In a scope, and with 256-bit registers:',
  ...explained.map(table.verdictLine),
];
process.stdout.write(`${sections.join('\n')}\n`);
const file = new URL('../results/peers.json', import.meta.url);
/** The rows and goals of this run in the place of those that the file holds; the others stay. */
function renewed(before: typeof report): typeof report {
  const ids = chosen.map(({ id }) => id);
  const isNew = ({ rows: of }: Goal): boolean => of.every((id) => ids.includes(id));
  return {
    ...before,
    results: before.results.map((row) => report.results.find(({ id }) => id === row.id) ?? row),
    goals: before.goals.map((goal, i) => (isNew(goals[i]) ? verdicts[i] : goal)),
    explanations: before.explanations.map((goal, i) => (isNew(explanations[i]) ? explained[i] : goal)),
  };
}
if (names.length < all.length)
  process.stdout.write('Some contenders only: bench/results/peers.json is left as it was.\n');
else {
  const whole = chosen.length === rows.length ? report : renewed(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, `${JSON.stringify(whole, null, 1)}\n`);
}
