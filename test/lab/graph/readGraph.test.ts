/** Graphs from folders: what is read, and that every kind of damage is refused with the name of the file and the line. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Graph } from '../../../src/lab/graph/graph.ts';
import { readGraph } from '../../../src/lab/graph/readGraph.ts';
import { ReportedError } from '../../../src/lab/usage.ts';

type Files = Readonly<Record<string, string | Buffer | null>>;

/** A square with a tail: 5 nodes, 5 edges, 3 features, 2 classes, one split of each kind. */
const sound: Files = {
  'meta.json': '{ "name": "square", "nodes": 5, "undirected_edges": 5, "features": 3, "classes": 2 }',
  'edges.csv': 'u,v\n0,1\n1,2\n2,3\n0,3\n3,4\n',
  'features.csv': '1,0,0.5\n-2,1e-3,0\n0,0,0\n3,4,5\n1,1,1\n',
  'labels.csv': '0\n1\n0\n1\n1\n',
  'splits_nc.json':
    '{ "one": { "train": [0, 1], "val": [2], "test": [4, 3], "note": "" }, "two": { "train": [], "val": [], "test": [] } }',
  'split_lp_seed7.json':
    '{ "seed": 7, "train_pos": [[0,1],[1,2],[2,3]], "val_pos": [[0,3]], "val_neg": [[1,1]], "test_pos": [[3,4]], "test_neg": [[1,4]] }',
};

const root = mkdtempSync(join(tmpdir(), 'spectragrad-'));
let folders = 0;

/** A folder with the sound files and some changes; null leaves a file out. */
function folderOf(changes: Files = {}): string {
  const folder = join(root, `graph${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries({ ...sound, ...changes }))
    if (content !== null) writeFileSync(join(folder, name), content);
  return folder;
}

const read = (changes: Files = {}): Omit<Graph, 'name'> => {
  const { name, ...graph } = readGraph(folderOf(changes));
  assert.match(name, /^graph\d+$/);
  return graph;
};

/** The message of the error that refuses the folder, without the path of the folder. */
function refusal(changes: Files): string {
  const folder = folderOf(changes);
  try {
    readGraph(folder);
  } catch (error) {
    assert.ok(error instanceof ReportedError, `not a ReportedError: ${error}`);
    assert.doesNotMatch(error.message, /\n/);
    assert.ok(error.message.startsWith(join(folder, '')), error.message);
    return error.message.slice(join(folder, '').length).replace(/^[/\\]/, '');
  }
  return 'read without complaint';
}

after(() => rmSync(root, { recursive: true }));

describe('a sound folder', () => {
  test('gives the graph that it describes', () => {
    assert.deepEqual(read(), {
      nodes: 5,
      edges: Int32Array.of(0, 1, 1, 2, 2, 3, 0, 3, 3, 4),
      features: Float32Array.of(1, 0, 0.5, -2, 1e-3, 0, 0, 0, 0, 3, 4, 5, 1, 1, 1),
      featureCount: 3,
      labels: Int32Array.of(0, 1, 0, 1, 1),
      classes: 2,
      nodeSplits: {
        one: { train: Int32Array.of(0, 1), val: Int32Array.of(2), test: Int32Array.of(4, 3) },
        two: { train: new Int32Array(), val: new Int32Array(), test: new Int32Array() },
      },
      linkSplits: [
        {
          seed: 7,
          trainEdges: Int32Array.of(0, 1, 1, 2, 2, 3),
          valEdges: Int32Array.of(0, 3),
          valOthers: Int32Array.of(1, 1),
          testEdges: Int32Array.of(3, 4),
          testOthers: Int32Array.of(1, 4),
        },
      ],
    });
  });

  test('gives the same graph packed, with Windows line ends, and without the end of the last line', () => {
    const each = (change: (text: string) => Files[string]): Files =>
      Object.fromEntries(Object.entries(sound).map(([name, text]) => [name, change(String(text))]));
    const packed = Object.entries(sound).flatMap(([name, text]) => [
      [name, null],
      [`${name}.gz`, gzipSync(String(text))],
    ]);
    assert.deepEqual(read(Object.fromEntries(packed)), read());
    assert.deepEqual(read(each((text) => text.replaceAll('\n', '\r\n'))), read());
    assert.deepEqual(read(each((text) => text.trimEnd())), read());
  });

  test('may list the places of ones; an empty line is a node without any', () => {
    const sparse = { 'features.csv': null, 'features.idx.txt': '0 2\n\n1\n2\n\n' };
    const { features, featureCount } = read(sparse);
    assert.deepEqual([featureCount, [...features]], [3, [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]]);
    assert.equal(read({ ...sparse, 'features.idx.txt': '0\n\n1\n1\n\n', 'meta.json': null }).featureCount, 2);
  });

  test('needs edges and features alone', () => {
    const rest = { 'meta.json': null, 'labels.csv': null, 'splits_nc.json': null, 'split_lp_seed7.json': null };
    assert.deepEqual(read(rest), { ...read(), labels: null, classes: 0, nodeSplits: {}, linkSplits: [] });
    assert.equal(read({ ...rest, 'edges.csv': 'u,v\n' }).edges.length, 0);
    assert.equal(read({ 'meta.json': '{ "classes": 9 }' }).classes, 9);
  });

  test('may hold several link splits, in the order of their names', () => {
    const other = String(sound['split_lp_seed7.json']).replace('7', '3');
    assert.deepEqual(
      read({ 'split_lp_seed3.json.gz': gzipSync(other) }).linkSplits.map(({ seed }) => seed),
      [3, 7],
    );
  });
});

/** What is changed, and what is said about it. */
const damages: Readonly<Record<string, readonly [Files, RegExp]>> = {
  'a bad id': [{ 'edges.csv': 'u,v\n0,1\n1,x\n' }, /^edges\.csv:3: a node is a whole number in 0\.\.4, got 'x'$/],
  'an id with a fraction': [{ 'edges.csv': 'u,v\n0,1.5\n' }, /^edges\.csv:2: .*'1\.5'$/],
  'a negative id': [{ 'edges.csv': 'u,v\n-1,1\n' }, /^edges\.csv:2: .*'-1'$/],
  'an id out of range': [{ 'edges.csv': 'u,v\n0,1\n1,2\n1,5\n' }, /^edges\.csv:4: .*0\.\.4, got '5'$/],
  'an id out of range, packed': [
    { 'edges.csv': null, 'edges.csv.gz': gzipSync('u,v\n0,1\n1,2\n1,5\n') },
    /^edges\.csv\.gz:4: .*'5'$/,
  ],
  'three columns': [{ 'edges.csv': 'u,v\n0,1,2\n' }, /^edges\.csv:2: .*two nodes, got 3 columns$/],
  'an empty line among edges': [{ 'edges.csv': 'u,v\n0,1\n\n1,2\n' }, /^edges\.csv:3: .*got 1 columns$/],
  'no header': [{ 'edges.csv': '0,1\n1,2\n' }, /^edges\.csv:1: .*header 'u,v', got '0,1'$/],
  'an empty file of edges': [{ 'edges.csv': '' }, /^edges\.csv:1: .*header/],
  'an edge twice': [{ 'edges.csv': 'u,v\n0,1\n1,2\n0,1\n' }, /^edges\.csv:4: the edge 0,1 stands here again$/],
  'u > v': [{ 'edges.csv': 'u,v\n2,1\n' }, /^edges\.csv:2: .*u <= v, got 2,1$/],
  'no edges': [{ 'edges.csv': null }, /^edges\.csv: no such file, nor edges\.csv\.gz$/],
  'no features': [{ 'features.csv': null }, /^features\.csv: no such file, nor features\.idx\.txt/],
  'an empty file of features': [{ 'features.csv': '' }, /^features\.csv:1: has no line/],
  'a feature that is no number': [{ 'features.csv': '1,2\n1,two\n' }, /^features\.csv:2: .*got 'two'$/],
  'an empty feature': [{ 'features.csv': '1,2\n1,\n' }, /^features\.csv:2: .*got ''$/],
  'a feature beyond float32': [{ 'features.csv': '1e39\n' }, /^features\.csv:1: .*got '1e39'$/],
  NaN: [{ 'features.csv': 'NaN\n' }, /^features\.csv:1: .*got 'NaN'$/],
  'a short row': [{ 'features.csv': '1,2\n1,2\n1\n' }, /^features\.csv:3: has 1 columns, the first line has 2$/],
  'a place out of range': [{ 'features.idx.txt': '0\n1 3\n' }, /^features\.idx\.txt:2: .*0\.\.2, got '3'$/],
  'a place twice': [{ 'features.idx.txt': '0\n1 2 1\n' }, /^features\.idx\.txt:2: names a place twice$/],
  'a place beyond all memory': [
    { 'meta.json': null, 'features.idx.txt': '0\n200000000\n' },
    /^features\.idx\.txt: 200000001 features of 2 nodes/,
  ],
  'a truncated packed file': [
    { 'labels.csv': null, 'labels.csv.gz': gzipSync('0\n1\n0\n1\n1\n').subarray(0, 20) },
    /^labels\.csv\.gz: cannot be unpacked: /,
  ],
  'an empty packed file': [{ 'edges.csv': null, 'edges.csv.gz': '' }, /^edges\.csv\.gz: cannot be unpacked: /],
  'a missing label': [{ 'labels.csv': '0\n1\n0\n1\n' }, /^labels\.csv:4: has 4 labels for 5 nodes$/],
  'a label too many': [{ 'labels.csv': '0\n1\n0\n1\n1\n0\n' }, /^labels\.csv:6: has 6 labels for 5 nodes$/],
  'a label out of range': [{ 'labels.csv': '0\n1\n0\n2\n1\n' }, /^labels\.csv:4: .*0\.\.1, got '2'$/],
  'a label that is no number': [{ 'labels.csv': '0\n1\nred\n1\n1\n' }, /^labels\.csv:3: .*got 'red'$/],
  'a wrong count of nodes': [{ 'meta.json': '{ "nodes": 6 }' }, /^meta\.json: says 6 nodes, the files have 5$/],
  'a wrong count of edges': [{ 'meta.json': '{ "undirected_edges": 4 }' }, /^meta\.json: says 4 undirected edges/],
  'a wrong count of features': [{ 'meta.json': '{ "features": 4 }' }, /^meta\.json: says 4 features/],
  'a count that is no number': [{ 'meta.json': '{ "nodes": "5" }' }, /^meta\.json: 'nodes' is .*got "5"$/],
  'meta that is no object': [{ 'meta.json': '3' }, /^meta\.json:1: is no JSON object$/],
  'broken JSON': [{ 'meta.json': '{\n "nodes": 5,\n "features": }' }, /^meta\.json:3: is not JSON: /],
  'JSON that ends early': [{ 'splits_nc.json': '{\n "one": {' }, /^splits_nc\.json:2: is not JSON: /],
  'a split of no node': [
    { 'splits_nc.json': '{ "a": { "train": [0], "val": [5], "test": [] } }' },
    /^splits_nc\.json: a: val names 5, nodes are 0\.\.4$/,
  ],
  'a node in two parts': [
    { 'splits_nc.json': '{ "a": { "train": [0, 1], "val": [2], "test": [1] } }' },
    /^splits_nc\.json: a: node 1 is in train and again in test$/,
  ],
  'a node twice in a part': [
    { 'splits_nc.json': '{ "a": { "train": [0, 0], "val": [], "test": [] } }' },
    /^splits_nc\.json: a: node 0 is in train and again in train$/,
  ],
  'a split without a part': [
    { 'splits_nc.json': '{ "a": { "train": [0], "val": [] } }' },
    /^splits_nc\.json: 'test' is a list, got nothing$/,
  ],
  'a split that is a list': [{ 'splits_nc.json': '[]' }, /^splits_nc\.json: the file is a JSON object/],
  'a link split without seed': [{ 'split_lp_a.json': '{}' }, /^split_lp_a\.json: 'seed' is a whole number/],
};

/** The link split with one part changed. */
const links = (part: string, pairs: unknown): Files => ({
  'split_lp_seed7.json': JSON.stringify({ ...JSON.parse(String(sound['split_lp_seed7.json'])), [part]: pairs }),
});

const linkDamages: Readonly<Record<string, readonly [Files, RegExp]>> = {
  'a pair of no node': [links('val_neg', [[0, 5]]), /: val_neg: \[0,5\] is no pair u <= v of nodes in 0\.\.4$/],
  'a pair of three': [links('val_neg', [[0, 1, 2]]), /: val_neg: \[0,1,2\] is no pair/],
  'a pair in the other order': [links('val_neg', [[4, 1]]), /: val_neg: \[4,1\] is no pair u <= v/],
  'a training edge that is none': [links('train_pos', [[0, 2]]), /: train_pos: \[0,2\] is no edge of the graph$/],
  'another pair that is an edge': [links('test_neg', [[0, 1]]), /: test_neg: \[0,1\] is an edge of the graph$/],
  'an edge in two parts': [links('val_pos', [[0, 1]]), /: val_pos: \[0,1\] is in the split twice$/],
  'a part that is no list': [links('val_pos', null), /: 'val_pos' is a list, got null$/],
};

describe('a damaged folder is refused', () => {
  for (const [name, [changes, message]] of Object.entries({ ...damages, ...linkDamages }))
    test(name, () => assert.match(refusal(changes), message));

  test('that is none', () => assert.throws(() => readGraph(join(root, 'nowhere')), /nowhere: no such folder$/));

  test('with any byte of it changed: a graph, or a line about it', () => {
    const names = Object.keys(sound);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 9, max: 126 }), (name, place, byte) => {
        const bytes = Buffer.from(String(sound[name]));
        bytes[place % bytes.length] = byte;
        refusal({ [name]: bytes });
      }),
    );
  });
});
