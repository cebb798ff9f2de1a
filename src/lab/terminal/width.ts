const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;
const ZERO = /[\p{M}\p{Cf}]/u;

/** Columns that a text takes in a terminal: wide East Asian letters and emoji count 2, combining marks 0, all else 1. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += ZERO.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

/** One printable line: control characters (line breaks and terminal escapes among them) become spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
}

/** `text` with spaces added on one side to take `width` columns; longer text is returned as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** `text` cut to at most `width` columns, its last letter an ellipsis when anything was cut. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const letter of text) {
    used += displayWidth(letter);
    if (used > width) break;
    kept += letter;
  }
  return width < 1 ? '' : `${kept}…`;
}
