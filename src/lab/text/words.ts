/**
 * What merges never cross: an English clitic; letters, numbers or other signs, each kind by itself, with the space before them; white space, whose
 * last space goes to the word after it. Every character is in exactly one piece. White space is what JavaScript takes for it.
 */
const piece = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * A text cut into words, which make the text again when joined.
 * @source the division of GPT-2, which Hugging Face's `ByteLevel` does: Radford et al., "Language models are unsupervised multitask learners", 2019
 */
export function wordsOf(text: string): readonly string[] {
  return text.match(piece) ?? [];
}
