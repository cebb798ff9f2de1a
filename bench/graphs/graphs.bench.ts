/**
 * HyboNet on graphs with full training, LoRA, ReLoRA* and SST at ranks 1 and 2, three seeds; and HyboNet, HGCN, GCN and MLP on a
 * generated disease tree. Every finished run is a file in bench/results/graphs and is not repeated: delete it to make it anew. All runs
 * with the first seed come first.
 *
 *     npm run bench -- graphs --data=DIR             DIR holds the folders disease_lp and cora; without it their runs are left out
 *     npm run bench -- graphs --data=DIR --part=1/2  every second run, for one of two processes
 *     npm run bench -- graphs --table                Markdown of what is there, and no run
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Graph } from '../../src/lab/graph/graph.ts';
import { parseGraph } from '../../src/lab/graph/options.ts';
import { problemOf } from '../../src/lab/graph/problem.ts';
import type { GraphRun } from '../../src/lab/graph/run.ts';
import { openGraph } from '../../src/lab/graph/sources.ts';
import { machine } from '../measure.ts';
import { type Cell, cells, nameOf } from './sweep.ts';
import { type Finished, tables } from './tables.ts';

const folder = new URL('../results/graphs/', import.meta.url);
const fileOf = (cell: Cell): URL => new URL(`${nameOf(cell)}.json`, folder);
const find = (cell: Cell): Finished | null =>
  existsSync(fileOf(cell)) ? (JSON.parse(readFileSync(fileOf(cell), 'utf8')) as Finished) : null;

/** The text given as `--name=text`. */
const given = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

/** Which share of the runs: `1/2` is the first, third, … */
function part(): [which: number, of: number] {
  const text = given('part') ?? '1/1';
  const [which, of] = text.split('/').map(Number);
  if (!(Number.isInteger(which) && Number.isInteger(of) && which >= 1 && which <= of))
    throw new Error(`--part is k/n with 1 <= k <= n, got '${text}'`);
  return [which, of];
}

/** Where a graph is; null for folders that were not given. */
function sourceOf({ set }: Cell): string | null {
  if (set === 'airports' || set === 'disease') return set;
  const data = given('data');
  const path = data === undefined ? '' : join(resolve(data), set);
  return path !== '' && existsSync(path) ? path : null;
}

let last: { readonly key: string; readonly graph: Graph } | null = null;

/** A graph, read once for runs in a row. */
function graphOf(source: string, cell: Cell): Graph {
  const key = `${source} ${cell.task}`;
  if (last?.key !== key) last = { key, graph: openGraph(source, cell.task) };
  return last.graph;
}

async function train(cell: Cell, source: string): Promise<void> {
  const graph = graphOf(source, cell);
  const { task, model, method, rank, seed } = cell;
  const words = ['--data', cell.set, '--task', task, '--model', model, '--method', method, '--seed', `${seed}`];
  const settings = parseGraph([...words, '--rank', `${Math.max(1, rank)}`]).settings(graph.name);
  const runs: GraphRun[] = [];
  await problemOf(graph, settings).train({ begin() {}, event() {}, end: (_method, _seed, run) => void runs.push(run) });
  const [run] = runs;
  const { dim, iterationSteps, warmup, recipes } = settings;
  const { node, cpu, cores } = machine();
  const record = {
    command: `npm run spectragrad -- graph ${words.join(' ')}${rank === 0 ? '' : ` --rank ${rank}`}`,
    ...cell,
    settings: { dim, iterationSteps, warmup, ...recipes[method] },
    epochs: run.epochs.length,
    bestEpoch: run.bestEpoch,
    validation: run.validation,
    test: run.test,
    trainable: run.trainable,
    total: run.total,
    msPerEpoch: Number(run.msPerEpoch.toFixed(2)),
    seconds: Number(run.seconds.toFixed(1)),
    node,
    cpu,
    cores,
  };
  writeFileSync(fileOf(cell), `${JSON.stringify(record)}\n`);
  process.stderr.write(`${nameOf(cell)}: ${JSON.stringify(run.test)}, epoch ${run.bestEpoch}, ${record.seconds} s\n`);
}

if (!process.argv.includes('--table')) {
  mkdirSync(folder, { recursive: true });
  const [which, of] = part();
  for (const [i, cell] of cells.entries()) {
    if (i % of !== which - 1 || find(cell) !== null) continue;
    const source = sourceOf(cell);
    if (source === null) process.stderr.write(`${nameOf(cell)}: no data, left out (--data=DIR)\n`);
    else await train(cell, source);
  }
}
process.stdout.write(`${tables(find)}\n`);
