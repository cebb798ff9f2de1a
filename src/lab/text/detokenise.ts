/** Signs that stand against the word before them, and against the word after them. */
const closing = new Set([',', '.', ';', '?', '!', ':', ')', ']', "''", '%']);
const opening = new Set(['(', '[', '``']);

/** Signs that the corpus gives twice where the text has them once. */
const doubled = new Set([',', ';', '?', '!', ':']);

/** A word or sign, and what it is. */
export interface TaggedToken {
  readonly word: string;
  readonly tag: string;
}

/**
 * `word/tag`; a word may have strokes itself.
 * @returns null when there is no stroke after the first letter
 */
export function taggedToken(text: string): TaggedToken | null {
  const stroke = text.lastIndexOf('/');
  return stroke < 1 ? null : { word: text.slice(0, stroke), tag: text.slice(stroke + 1) };
}

/**
 * The tokens of a paragraph as they would be printed: no space before `,` `.` `)` and their like nor after `(`; none around `-` `/` `:` between
 * numbers or units (tag `in`); quotation marks as `"`, single ones opening and closing by turns; a sign that the corpus doubles once; no full
 * stop after the point of an abbreviation.
 */
export function detokenise(tokens: readonly TaggedToken[]): string {
  let text = '';
  let glued = true;
  let quoted = false;
  let last = '';
  for (const { word, tag } of tokens) {
    if (word === last && doubled.has(word)) {
      last = '';
      continue;
    }
    last = word;
    if (word === '.' && text.endsWith('.')) continue;
    const between = tag.startsWith('in') && /^[-/:]$/.test(word);
    const ends = word === "'" ? quoted : closing.has(word);
    if (word === "'") quoted = !quoted;
    if (!glued && !ends && !between) text += ' ';
    text += word === '``' || word === "''" ? '"' : word;
    glued = between || opening.has(word) || (word === "'" && quoted);
  }
  return text;
}
