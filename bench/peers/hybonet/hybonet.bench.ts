/**
 * An epoch of HyboNet link prediction, ours beside PyTorch's (`epoch.py`): the same data, weights and pairs, one thread each, in turn. The
 * first two losses, without dropout, show that both compute the same. Writes bench/results/hybonet.json.
 *
 *     npm run bench:hybonet -- --data DIR [--rounds 15] [--budget 200]
 *
 * DIR holds the folders `disease_lp` and `cora`; one that is not there is left out.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { recipeOf } from '../../../src/lab/graph/presets.ts';
import { save } from '../../measure.ts';
import { build, Child } from '../children.ts';
import { measure } from '../measure.ts';
import type { HybonetTask, Row } from '../rows.ts';
import type { Measured } from '../table.ts';
import * as table from '../table.ts';

const { values: asked } = parseArgs({
  options: {
    data: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    budget: { type: 'string', default: '200' },
  },
});
const [rounds, budget] = [Number(asked.rounds), Number(asked.budget)];
if (asked.data === undefined || !(rounds >= 1) || !(budget > 0)) {
  process.stderr.write('npm run bench:hybonet -- --data DIR [--rounds N] [--budget MS]\n');
  process.exit(2);
}
const data = resolve(asked.data);

/** The published settings of a set, and, where they drop values, the same without. */
function rowsOf(set: 'disease_lp' | 'cora'): Row[] {
  const {
    learningRate: lr,
    clip,
    margin,
    dropout,
    weightDecay,
    normaliseFeatures,
  } = recipeOf(set === 'cora' ? 'cora' : 'disease', 'lp', 'hybonet', 'full');
  const row = (p: number, label: string): Row => {
    const task: HybonetTask = {
      kind: 'hybonet',
      folder: join(data, set),
      normalise: normaliseFeatures,
      dropout: p,
      weightDecay,
      lr,
      margin,
      clip: clip ?? Number.POSITIVE_INFINITY,
    };
    return { id: p === 0 ? set : `${set}-dropout`, label, task, tolerance: 1e-4 };
  };
  return dropout === 0
    ? [row(0, set)]
    : [row(dropout, `${set}, dropout ${dropout}`), row(0, `${set}, without dropout`)];
}

const sets = (['disease_lp', 'cora'] as const).filter((set) => {
  const there = existsSync(join(data, set, 'meta.json'));
  if (!there) process.stderr.write(`${set}: not in ${asked.data}, left out\n`);
  return there;
});
build();
const names = ['ours', 'torch', 'torch-avx2'];
const children = names.map((name) => new Child(name));
for (const child of children) await child.start();
const measured: Measured[] = [];
for (const row of sets.flatMap(rowsOf)) measured.push(await measure(row, children, { rounds, budget }));
for (const child of children) child.stop();

const round = (x: number): number => Number(x.toPrecision(4));
/** A cell of the file. */
const record = (each: Measured, name: string): unknown => {
  const { why, samples = [], result = [] } = each.cells.get(name) ?? {};
  if (why !== undefined) return { why };
  const of = (clock: 'wall' | 'cpu'): unknown => ({
    ms: round(table.time(each, name, clock)),
    ratio: round(table.ratio(each, name, clock)),
  });
  const count = samples.filter((sample) => sample !== undefined).length;
  return { cpu: of('cpu'), wall: of('wall'), samples: count, losses: result, agrees: table.agrees(each, name) };
};
const results = measured.map((each) => ({
  id: each.row.id,
  label: each.row.label,
  contenders: Object.fromEntries(names.map((name) => [name, record(each, name)])),
}));
process.stdout.write(
  `${[
    table.ratioTable(measured, names, (name) => name),
    'Our CPU time of an epoch, and that of others in multiples of it; ! where the losses differ from ours.',
    ...table.differences(measured),
    ...table.reasons(measured),
  ].join('\n')}\n`,
);
save('hybonet', {
  command: `npm run bench:hybonet -- --data DIR --rounds ${rounds} --budget ${budget}`,
  contenders: Object.fromEntries(children.map(({ name, hello }) => [name, hello])),
  results,
});
