/**
 * Who may import whom (the linter says the same, file by file; this reads the whole graph):
 *
 *     tensor <- autograd <- nn <- sst          lab <- cli
 *                              <- hyperbolic
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { type Import, importsOf, parse, place, sources, walk } from './tree.ts';

/** Layer -> the layers it may import. `entry`: the files directly in src that name the public API. */
const below: Readonly<Record<string, readonly string[]>> = {
  tensor: ['tensor'],
  autograd: ['tensor', 'autograd'],
  nn: ['tensor', 'autograd', 'nn'],
  sst: ['tensor', 'autograd', 'nn', 'sst'],
  hyperbolic: ['tensor', 'autograd', 'nn', 'hyperbolic'],
  entry: ['tensor', 'autograd', 'nn', 'sst', 'hyperbolic', 'entry'],
  lab: ['tensor', 'autograd', 'nn', 'sst', 'hyperbolic', 'entry', 'lab'],
  cli: ['tensor', 'autograd', 'nn', 'sst', 'hyperbolic', 'entry', 'lab'],
};

function layerOf(path: string): string {
  if (path === 'src/cli.ts') return 'cli';
  const [top = '', folder = ''] = path.split('/');
  if (top !== 'src') return top;
  return folder.endsWith('.ts') ? 'entry' : folder;
}

/** What is wrong with one import made by `path`, or nothing. */
function objection(path: string, { target, at }: Import): string[] {
  const layer = layerOf(path);
  const say = (why: string): string[] => [`${at}: ${why} (${target})`];
  if (target.startsWith('src/') || target.startsWith('test/') || target.startsWith('bench/')) {
    const allowed = below[layer] ?? [];
    return allowed.includes(layerOf(target)) ? [] : say(`${layer} may not import ${layerOf(target)}`);
  }
  if (layer === 'lab' || layer === 'cli') return [];
  if (target === 'gpu.js') return path.startsWith('src/tensor/gpu/') ? [] : say('gpu.js outside src/tensor/gpu');
  return say('the library imports no package and no part of Node');
}

/** The first cycle of a graph, as the list of nodes along it. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] => {
    const start = path.indexOf(node);
    if (start >= 0) return [...path.slice(start), node];
    if (done.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle.length > 0) return cycle;
    }
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

const modules = new Map(sources('src').map((path) => [path, importsOf(parse(path))]));

test('every folder of src is a layer, and each imports only what lies below it', () => {
  assert.ok(modules.size > 0);
  const strangers = [...modules.keys()].filter((path) => !(layerOf(path) in below));
  assert.deepEqual(strangers, [], 'folders without a layer');
  assert.deepEqual(
    [...modules].flatMap(([path, imports]) => imports.flatMap((one) => objection(path, one))),
    [],
  );
});

test('no module loads itself through others', () => {
  const loads = (imports: readonly Import[]): string[] =>
    imports.filter(({ kind }) => kind === 'static').map(({ target }) => target);
  const graph = new Map([...modules].map(([path, imports]) => [path, loads(imports)]));
  assert.equal(cycleIn(graph).join(' -> '), '');
});

test('relative imports name an existing file by its .ts name', () => {
  const missing = [...modules.values()]
    .flat()
    .filter(({ target }) => target.startsWith('src') && !modules.has(target))
    .map(({ at, target }) => `${at}: ${target}`);
  assert.deepEqual(missing, []);
});

test('random numbers come from an Rng: nothing names Math.random', () => {
  const named: string[] = [];
  for (const path of sources('src', 'test', 'bench', 'demo')) {
    const file = parse(path);
    walk(file, (node) => {
      const isMath = (e: ts.Node): boolean => ts.isIdentifier(e) && e.text === 'Math';
      const access = ts.isPropertyAccessExpression(node) && isMath(node.expression) && node.name.text === 'random';
      const index = ts.isElementAccessExpression(node) && isMath(node.expression);
      if (access || index) named.push(place(file, node));
    });
  }
  assert.deepEqual(named, []);
});

test('these laws can fail', () => {
  const wrong = (path: string, text: string): string[] =>
    importsOf(parse(path, text)).flatMap((one) => objection(path, one));
  for (const [path, text] of [
    ['src/tensor/cpu/a.ts', "import type { T } from '../../autograd/define.ts';"],
    ['src/autograd/a.ts', "export * from '../nn/module.ts';"],
    ['src/nn/a.ts', "const f = () => import('../sst/linear.ts');"],
    ['src/sst/a.ts', "type T = import('../hyperbolic/lorentz.ts').Point;"],
    ['src/hyperbolic/a.ts', "import '../sst/linear.ts';"],
    ['src/index.ts', "import { run } from './lab/run.ts';"],
    ['src/lab/a.ts', "import { main } from '../cli.ts';"],
    ['src/lab/a.ts', "import { checkOp } from '../../test/harness/op.ts';"],
    ['src/nn/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/nn/a.ts', "import { GPU } from 'gpu.js';"],
  ] as const)
    assert.equal(wrong(path, text).length, 1, `${path}: ${text}`);
  assert.deepEqual(wrong('src/lab/a.ts', "import 'node:fs'; import '../sst/linear.ts'; import '../index.ts';"), []);
  assert.deepEqual(wrong('src/tensor/gpu/a.ts', "const load = () => import('gpu.js');"), []);
  const line = ['a', 'b', 'c', 'd'].map((node, i, all): [string, string[]] => [node, all.slice(i + 1)]);
  assert.deepEqual(cycleIn(new Map(line)), []);
  assert.deepEqual(cycleIn(new Map([...line, ['d', ['b']]])), ['b', 'c', 'd', 'b']);
});
