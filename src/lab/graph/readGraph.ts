import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DamagedFile, wholeBelow } from '../data/damaged.ts';
import { findFile, jsonOf, linesOf, needFile, type TextFile } from '../data/textFile.ts';
import { ReportedError } from '../usage.ts';
import { type Graph, pairKey } from './graph.ts';
import { type Features, readFeatures } from './readFeatures.ts';
import { readLinkSplits, readNodeSplits } from './readSplits.ts';

/** Numbers that may stand in `meta.json`; whatever else does is not looked at. */
type Meta = Readonly<Record<'nodes' | 'undirected_edges' | 'features' | 'classes', number | undefined>>;

/**
 * A graph from a folder of text files, each plain or packed (`.gz`):
 *
 * - `edges.csv`: the header `u,v`, then an edge a line, nodes from 0, u <= v, each once;
 * - `features.csv`: a row of numbers a node, or `features.idx.txt`: the places of the ones of a node in each line;
 * - `labels.csv` (optional): a class a line, a whole number from 0;
 * - `splits_nc.json` (optional): `{ name: { train, val, test } }`, lists of nodes;
 * - `split_lp_….json` (optional, several): `{ seed, train_pos, val_pos, val_neg, test_pos, test_neg }`, lists of pairs;
 * - `meta.json` (optional): `nodes`, `undirected_edges`, `features`, `classes`. What it says has to hold; a number of features or classes larger
 *   than what the other files show can only stand here.
 *
 * @throws ReportedError in one line when a file is missing; DamagedFile with file and line when one is damaged
 */
export function readGraph(folder: string): Graph {
  if (!existsSync(folder)) throw new ReportedError(`${folder}: no such folder`);
  const metaFile = findFile(folder, 'meta.json');
  const meta = metaOf(metaFile);
  const hold = (name: keyof Meta, found: number): void => {
    const said = meta[name];
    if (metaFile !== null && said !== undefined && said !== found)
      throw new DamagedFile(metaFile.path, null, `says ${said} ${name.replace('_', ' ')}, the files have ${found}`);
  };
  const { nodes, ...features } = featuresOf(folder, meta.features);
  hold('nodes', nodes);
  hold('features', features.featureCount);
  const edges = readEdges(needFile(folder, 'edges.csv'), nodes);
  hold('undirected_edges', edges.length / 2);
  const labelFile = findFile(folder, 'labels.csv');
  const labels = labelFile === null ? null : readLabels(labelFile, nodes, meta.classes);
  const found = labels === null ? 0 : labels.reduce((most, label) => Math.max(most, label + 1), 0);
  return {
    name: basename(resolve(folder)),
    nodes,
    edges,
    ...features,
    labels,
    classes: labels === null ? 0 : Math.max(found, meta.classes ?? 0),
    nodeSplits: readNodeSplits(folder, nodes),
    linkSplits: readLinkSplits(folder, nodes, edges),
  };
}

function metaOf(file: TextFile | null): Meta {
  const value = file === null ? {} : jsonOf(file);
  if (typeof value !== 'object' || value === null) throw new DamagedFile(file?.path ?? '', 1, 'is no JSON object');
  const numberOf = (name: keyof Meta): number | undefined => {
    const given = (value as Record<string, unknown>)[name];
    if (given !== undefined && !(typeof given === 'number' && Number.isInteger(given) && given >= 0))
      throw new DamagedFile(file?.path ?? '', null, `'${name}' is a whole number, got ${JSON.stringify(given)}`);
    return given;
  };
  return {
    nodes: numberOf('nodes'),
    undirected_edges: numberOf('undirected_edges'),
    features: numberOf('features'),
    classes: numberOf('classes'),
  };
}

function featuresOf(folder: string, count: number | undefined): Features {
  const sparse = findFile(folder, 'features.idx.txt');
  const file = sparse ?? findFile(folder, 'features.csv');
  if (file === null)
    throw new ReportedError(`${join(folder, 'features.csv')}: no such file, nor features.idx.txt, packed or plain`);
  return readFeatures(file, sparse !== null, count);
}

function readEdges(file: TextFile, nodes: number): Int32Array {
  const [header = '', ...lines] = linesOf(file);
  if (header.trim() !== 'u,v') throw new DamagedFile(file.path, 1, `begins with the header 'u,v', got '${header}'`);
  const edges = new Int32Array(2 * lines.length);
  const seen = new Set<number>();
  for (const [i, text] of lines.entries()) {
    const line = i + 2;
    const ends = text.split(',');
    if (ends.length !== 2) throw new DamagedFile(file.path, line, `an edge is two nodes, got ${ends.length} columns`);
    const [u, v] = ends.map((end) => wholeBelow(nodes, end, 'a node', file.path, line));
    if (u > v) throw new DamagedFile(file.path, line, `an edge is u,v with u <= v, got ${u},${v}`);
    const key = pairKey(nodes, u, v);
    if (seen.has(key)) throw new DamagedFile(file.path, line, `the edge ${u},${v} stands here again`);
    seen.add(key);
    edges.set([u, v], 2 * i);
  }
  return edges;
}

function readLabels(file: TextFile, nodes: number, classes = 2 ** 31): Int32Array {
  const lines = linesOf(file);
  if (lines.length !== nodes)
    throw new DamagedFile(file.path, lines.length, `has ${lines.length} labels for ${nodes} nodes`);
  return Int32Array.from(lines, (text, i) => wholeBelow(classes, text, 'a label', file.path, i + 1));
}
