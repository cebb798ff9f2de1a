/** How BLEU divides a sentence: by the rules of mteval-v13a, or not at all, at white space. */
export type BleuTokens = '13a' | 'none';

/** Entities that stand for signs, in the order in which they are put back: `&amp;lt;` becomes `<`, as there. */
const entities = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
] as const;

/** What is set apart by spaces, rule after rule. */
const rules = [
  // Signs of ASCII but the apostrophe, comma, hyphen and full stop.
  [/([!-&(-+:-@[-`{-~/])/g, ' $1 '],
  // Full stops and commas, unless there are digits on both sides.
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  // A hyphen after a digit.
  [/([0-9])(-)/g, '$1 $2 '],
] as const;

/** White space as Python's `str.split` has it, which is what the reference implementation splits at. */
const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const spaces = new RegExp(space);
const spacesAtEnd = new RegExp(`${space}$`);

/**
 * The tokens of a sentence.
 * @source the rules of NIST's `mteval-v13a.pl` for Western languages, as sacreBLEU applies them: Post, "A call for clarity in reporting BLEU
 * scores", arXiv 1804.08771
 */
export function bleuTokens(sentence: string, kind: BleuTokens): string[] {
  const text = sentence.replace(spacesAtEnd, '');
  return (kind === '13a' ? spaced(text) : text).split(spaces).filter((token) => token !== '');
}

function spaced(sentence: string): string {
  let text = sentence.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  for (const [entity, sign] of entities) text = text.replaceAll(entity, sign);
  text = ` ${text} `;
  for (const [pattern, apart] of rules) text = text.replace(pattern, apart);
  return text;
}
