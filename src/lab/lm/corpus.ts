import { Rng } from '../../tensor/rng.ts';
import { type RunningText, runningText } from '../text/blocks.ts';
import { type BytePairTokenizer, bytePairTokenizer } from '../text/bytePair.ts';
import { openPlainText } from '../text/plainText.ts';
import type { Parts, PlainText } from '../text/text.ts';
import { trainVocabulary } from '../text/trainVocabulary.ts';

/** A text and a vocabulary for it. */
export interface Corpus extends Parts<RunningText> {
  /** The text in words. */
  readonly name: string;
  readonly tokenizer: BytePairTokenizer;
  /** Documents that are held back for testing. */
  readonly testDocuments: readonly string[];
}

/** A text is divided the same way whatever the seed of a run, so that runs compare. */
const dataSeed = 2405;

/**
 * The text that `--data` names, divided.
 * @throws as `openPlainText` does
 */
export const openText = (data: readonly string[]): PlainText =>
  openPlainText(data.length === 1 ? data[0] : data, new Rng(dataSeed));

/** A byte-level vocabulary of at most that many tokens, from the training part. @throws DomainError when it is too small or too large */
export const vocabularyOf = ({ train }: PlainText, size: number): BytePairTokenizer =>
  bytePairTokenizer(trainVocabulary(train, { size }));

/** A divided text as tokens. */
export function corpusOf(text: PlainText, tokenizer: BytePairTokenizer): Corpus {
  const part = (name: keyof Parts<unknown>): RunningText => runningText(text[name], tokenizer);
  return {
    name: text.name,
    tokenizer,
    testDocuments: text.test,
    train: part('train'),
    val: part('val'),
    test: part('test'),
  };
}
