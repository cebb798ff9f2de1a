/** Texts that tests of tokenizers share. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** What another implementation made of some texts; see `test/golden/text.py`. */
export interface Trained {
  readonly size: number;
  readonly leastCount: number;
  readonly texts: readonly string[];
  /** Those after the special ones and the bytes. */
  readonly tokens: readonly string[];
  readonly merges: readonly string[];
  /** Of each text. */
  readonly ids: readonly (readonly number[])[];
}

/** Vocabularies of several sizes, of the same texts. */
export const trained: readonly Trained[] = JSON.parse(
  readFileSync(new URL('../../golden/bytePair.json', import.meta.url), 'utf8'),
);

/** Sentences in several languages, with every kind of white space. */
export const languages: readonly string[] = trained[0].texts;

/** Any well-formed text: words of few letters, which have many ties, and every sign that there is. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'ä', ' ', '\n', "'", 's', '1', '.', '😀'), maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('<s>', 'a</s> <pad><unk>', '\ufeffa', 'a\u0085b', '\u2028', '\0'),
);

/** Some texts of few words. */
export const someTexts: fc.Arbitrary<string[]> = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'ä'), maxLength: 24 }),
  { minLength: 1, maxLength: 6 },
);
