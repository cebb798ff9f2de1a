import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wordnetClosure } from '../../../src/lab/graph/wordnet.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const pairsOf = (flat: Int32Array): [number, number][] =>
  Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

describe('the closure of mammals', () => {
  const { names, depths, parents, pairs } = wordnetClosure('mammal');
  const index = (name: string): number => names.indexOf(name);

  test('has 1,182 nouns of different names and 6,542 pairs of a noun and one above it', () => {
    assert.deepEqual([names.length, new Set(names).size, pairs.length / 2], [1182, 1182, 6542]);
    assert.equal(names[0], 'mammal.n.01');
    assert.ok(
      names.every((name) => /^[^ ]+\.n\.(0[1-9]|[1-9]\d)$/.test(name)),
      'every name has its sense',
    );
  });

  test('holds the parents, and with (a, b) and (b, c) also (a, c), and nothing else', () => {
    const above = names.map(() => new Set<number>());
    for (const [child, parent] of pairsOf(parents)) above[child].add(parent);
    for (let changed = true; changed; ) {
      changed = false;
      for (const set of above) {
        const { size } = set;
        for (const one of [...set]) for (const next of above[one]) set.add(next);
        changed ||= set.size > size;
      }
    }
    const naive = above.flatMap((set, child) => [...set].map((one) => `${child} ${one}`));
    const listed = pairsOf(pairs).map((pair) => pair.join(' '));
    assert.deepEqual(listed.toSorted(), naive.toSorted());
  });

  test('every noun but the root is below the root; a depth is one more than the least of its parents', () => {
    assert.deepEqual(
      pairsOf(pairs).flatMap(([child, one]) => (one === 0 ? [child] : [])),
      names.map((_, i) => i).slice(1),
    );
    const least = names.map(() => Number.POSITIVE_INFINITY);
    for (const [child, parent] of pairsOf(parents)) least[child] = Math.min(least[child], depths[parent] + 1);
    least[0] = 0;
    assert.deepEqual([...depths], least);
  });

  test('dogs are canines and carnivores, and no cats', () => {
    const isA = (a: string, b: string): boolean =>
      pairsOf(pairs).some(([child, one]) => child === index(a) && one === index(b));
    assert.equal(isA('dog.n.01', 'canine.n.02'), true);
    assert.equal(isA('dog.n.01', 'carnivore.n.01'), true);
    assert.equal(isA('dog.n.01', 'cat.n.01'), false);
    assert.equal(isA('carnivore.n.01', 'dog.n.01'), false);
  });
});

test('a sense may be named, in any case, with spaces', () => {
  const { names } = wordnetClosure('Domestic Dog');
  assert.deepEqual(wordnetClosure('dog.n.01').names, names);
  assert.equal(names[0], 'dog.n.01');
});

test('a noun without hyponyms is a closure of one; instances count as kinds', () => {
  const { names, depths, pairs } = wordnetClosure('dog.n.02');
  assert.deepEqual([names, [...depths], [...pairs]], [['frump.n.01'], [0], []]);
  assert.ok(wordnetClosure('physicist').names.includes('einstein.n.01'), 'Einstein is a physicist');
});

test('what is no noun is refused in one line', () => {
  for (const root of ['  ', 'dog.n.99', 'dog.v.01'])
    assert.throws(
      () => wordnetClosure(root),
      (error) => error instanceof UsageError && /is no noun/.test(error.message),
      root,
    );
});
