import { byteLetters } from './byteLetters.ts';

/** The names of the tokens that stand for no text. A vocabulary that is trained here has them as its first four, in this order. */
export const specialNames = { pad: '<pad>', start: '<s>', end: '</s>', unknown: '<unk>' } as const;

/** What a byte-pair tokenizer knows. */
export interface Vocabulary {
  /** Tokens by id: special ones by their names, the others in letters that stand for bytes. */
  readonly tokens: readonly string[];
  /** Pairs of ids that become one token, the more urgent first. */
  readonly merges: readonly (readonly [left: number, right: number])[];
}

/** More tokens than this no vocabulary has, so that a pair of ids fits into one number. */
export const mostTokens: number = 2 ** 20;

/** A pair of ids as one number; pairs are in the order of these numbers. */
export const pairKey = (left: number, right: number): number => left * mostTokens + right;

/** The tokens that every trained vocabulary begins with: the special ones, then each byte, in the order of their letters. */
export const firstTokens: readonly string[] = [...Object.values(specialNames), ...[...byteLetters].sort()];
