/**
 * Bytes as letters, so that a piece of UTF-8 is a text without spaces and control characters: a byte that is printable in Latin-1 stands
 * for itself, the others, in rising order, for U+0100 and on.
 * @source Radford et al., "Language models are unsupervised multitask learners", 2019, section 2.2; the letters are those of GPT-2's vocabulary.
 */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);

/** [256]: the letter of each byte. */
export const byteLetters: readonly string[] = lettersOf();

/** The byte of each letter. */
export const letterBytes: ReadonlyMap<string, number> = new Map(byteLetters.map((letter, byte) => [letter, byte]));

function lettersOf(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** The bytes that a text of such letters stands for; null when one of them stands for none. */
export function bytesOf(letters: string): Uint8Array | null {
  const bytes = Array.from(letters, (letter) => letterBytes.get(letter));
  return bytes.includes(undefined) ? null : Uint8Array.from(bytes as number[]);
}
