import { checkCount } from '../../nn/optim/schedule.ts';
import { DomainError } from '../../tensor/errors.ts';

/** How well a language model foretells a text. */
export interface Perplexity {
  /** exp(nll / tokens). Depends on the tokenizer. */
  readonly perToken: number;
  /** exp(nll / bytes): comparable between tokenizers. */
  readonly perByte: number;
  /** nll / (bytes · ln 2). */
  readonly bitsPerByte: number;
}

/** What a perplexity is made of. */
export interface TextLikelihood {
  /** Sum over the tokens of −ln p(token | those before it), in nats. */
  readonly nll: number;
  /** How many tokens are in the sum. */
  readonly tokens: number;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
}

/**
 * Perplexity by token and by byte. An infinite nll, or a NaN from a run that diverged, gives the same.
 * @throws DomainError unless nll >= 0 or NaN, and tokens and bytes are whole numbers >= 1
 * @source bits per byte as in the LM Evaluation Harness: Gao et al., "A framework for few-shot language model evaluation", 2021
 */
export function perplexity({ nll, tokens, bytes }: TextLikelihood): Perplexity {
  if (nll < 0) throw new DomainError('perplexity', `nll is a number >= 0, got ${nll}`);
  checkCount('perplexity', 'tokens', tokens, 1);
  checkCount('perplexity', 'bytes', bytes, 1);
  return { perToken: Math.exp(nll / tokens), perByte: Math.exp(nll / bytes), bitsPerByte: nll / (bytes * Math.LN2) };
}
