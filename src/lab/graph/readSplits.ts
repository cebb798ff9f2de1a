import { readdirSync } from 'node:fs';
import { DamagedFile, shown } from '../data/damaged.ts';
import { findFile, jsonOf, needFile, type TextFile } from '../data/textFile.ts';
import { type LinkSplit, type NodeSplit, pairKey, pairsOf } from './graph.ts';

/**
 * The node splits of a folder, by name; none when there is no `splits_nc.json`.
 * @throws DamagedFile when it is damaged, or a split names what is no node, or a node twice
 */
export function readNodeSplits(folder: string, nodes: number): Record<string, NodeSplit> {
  const file = findFile(folder, 'splits_nc.json');
  if (file === null) return {};
  const splits = Object.entries(objectOf(file, jsonOf(file), 'the file'));
  return Object.fromEntries(splits.map(([name, value]) => [name, nodeSplit(file, nodes, name, value)]));
}

/**
 * The link splits of a folder, in the order of their files' names; none when there is no `split_lp_….json`.
 * @param edges [e, 2] flat, all edges of the graph
 * @throws DamagedFile when one is damaged, its edges are not edges of the graph, each once, or its other pairs are
 */
export function readLinkSplits(folder: string, nodes: number, edges: Int32Array): LinkSplit[] {
  const names = readdirSync(folder).flatMap((name) => /^(split_lp_.*\.json)(\.gz)?$/.exec(name)?.[1] ?? []);
  const known = new Set(Array.from(pairsOf(edges), ([u, v]) => pairKey(nodes, u, v)));
  return [...new Set(names)].sort().map((name) => linkSplit(needFile(folder, name), nodes, known));
}

function nodeSplit(file: TextFile, nodes: number, name: string, value: unknown): NodeSplit {
  const parts = objectOf(file, value, `the split '${name}'`);
  const held = new Map<number, string>();
  const part = (key: 'train' | 'val' | 'test'): Int32Array =>
    Int32Array.from(listOf(file, parts, key), (node) => {
      if (!isNode(node, nodes))
        throw new DamagedFile(file.path, null, `${name}: ${key} names ${shown(node)}, nodes are 0..${nodes - 1}`);
      const before = held.get(node);
      if (before !== undefined)
        throw new DamagedFile(file.path, null, `${name}: node ${node} is in ${before} and again in ${key}`);
      held.set(node, key);
      return node;
    });
  return { train: part('train'), val: part('val'), test: part('test') };
}

function linkSplit(file: TextFile, nodes: number, edges: ReadonlySet<number>): LinkSplit {
  const parts = objectOf(file, jsonOf(file), 'the file');
  const { seed } = parts;
  if (!(typeof seed === 'number' && Number.isSafeInteger(seed)))
    throw new DamagedFile(file.path, null, `'seed' is a whole number, got ${shown(seed)}`);
  const held = new Set<number>();
  const part = (key: string, ofEdges: boolean): Int32Array =>
    Int32Array.from(
      listOf(file, parts, key).flatMap((pair) => {
        const refuse = (why: string): never => {
          throw new DamagedFile(file.path, null, `${key}: ${shown(pair)} ${why}`);
        };
        if (!isPair(pair, nodes)) return refuse(`is no pair u <= v of nodes in 0..${nodes - 1}`);
        const place = pairKey(nodes, ...pair);
        if (edges.has(place) !== ofEdges) refuse(ofEdges ? 'is no edge of the graph' : 'is an edge of the graph');
        if (held.has(place)) refuse('is in the split twice');
        held.add(place);
        return pair;
      }),
    );
  return {
    seed,
    trainEdges: part('train_pos', true),
    valEdges: part('val_pos', true),
    valOthers: part('val_neg', false),
    testEdges: part('test_pos', true),
    testOthers: part('test_neg', false),
  };
}

const isNode = (value: unknown, nodes: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < nodes;

const isPair = (value: unknown, nodes: number): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => isNode(end, nodes)) && value[0] <= value[1];

function objectOf(file: TextFile, value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DamagedFile(file.path, null, `${what} is a JSON object, got ${shown(value)}`);
  return value as Record<string, unknown>;
}

function listOf(file: TextFile, parts: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const list = parts[key];
  if (!Array.isArray(list)) throw new DamagedFile(file.path, null, `'${key}' is a list, got ${shown(list)}`);
  return list;
}
