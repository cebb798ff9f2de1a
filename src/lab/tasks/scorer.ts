import { DomainError } from '../../tensor/errors.ts';
import type { Tokenizer } from '../text/text.ts';

/** A context and a continuation as tokens. */
export interface Continuation {
  readonly tokens: Int32Array;
  /** The first token of the continuation, at least 1: something comes before it. */
  readonly from: number;
}

/** What tells how likely continuations are. */
export interface Scorer {
  /** The most tokens that it reads at once: those of a continuation but the last. */
  readonly maxLength: number;
  /** Σ_{i >= from} ln p(tokens[i] | tokens[0..i−1]) of each, in nats. */
  score(batch: readonly Continuation[]): Promise<readonly number[]>;
}

/**
 * The tokens of a context and of what follows it. White space at the end of the context is taken to the continuation, and both are encoded as
 * one text; where a token would reach over the border, they are encoded apart. An empty context is `</s>`, which comes before every document.
 * Too long a context loses its beginning.
 * @throws DomainError when the continuation has no token, or more than `maxLength`
 * @source the LM Evaluation Harness, which does the same but for tokens over the border
 */
export function continuationOf(
  tokenizer: Tokenizer,
  context: string,
  continuation: string,
  maxLength: number,
): Continuation {
  const before = context.trimEnd();
  const after = context.slice(before.length) + continuation;
  const head = before === '' ? Int32Array.of(tokenizer.special.end) : tokenizer.encode(before);
  const whole = tokenizer.encode(before + after);
  // No encoded text begins with a special token.
  const isPrefix = head.every((token, i) => token === whole[i]);
  const tail = isPrefix ? whole.subarray(head.length) : tokenizer.encode(after);
  if (tail.length === 0 || tail.length > maxLength)
    throw new DomainError(
      'continuationOf',
      `'${continuation}' has ${tail.length} tokens, 1..${maxLength} can be scored`,
    );
  // The last token is foretold, not read.
  const kept = head.subarray(Math.max(0, head.length + tail.length - 1 - maxLength));
  return { tokens: Int32Array.of(...kept, ...tail), from: kept.length };
}
