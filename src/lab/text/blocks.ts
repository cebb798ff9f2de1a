import { checkCount } from '../../nn/optim/schedule.ts';
import { tensor } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { ignored } from './padded.ts';
import { resumable } from './resumable.ts';
import type { BatchSource, BlockBatch, Tokenizer } from './text.ts';

/** Documents as one row of tokens. */
export interface RunningText {
  /** `</s>`, then each document and a `</s>` after it: every token but the first has one before it that foretells it. */
  readonly tokens: Int32Array;
  /** UTF-8 bytes of the documents. */
  readonly bytes: number;
}

/** How running text is cut. */
export interface BlockOptions {
  /** t: tokens of a block. */
  readonly length: number;
  /** b: blocks of a batch. */
  readonly rows: number;
}

/** Documents one after the other. */
export function runningText(documents: readonly string[], tokenizer: Tokenizer): RunningText {
  const { end } = tokenizer.special;
  const encoded = documents.map((text) => tokenizer.encode(text));
  const tokens = new Int32Array(1 + encoded.reduce((sum, { length }) => sum + length + 1, 0)).fill(end);
  let place = 1;
  for (const document of encoded) {
    tokens.set(document, place);
    place += document.length + 1;
  }
  return { tokens, bytes: documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}

/**
 * Batches without end of blocks of running text: block i has the inputs i·t … i·t+t−1 and, as targets, the token after each. Each epoch has all whole
 * blocks in a new random order; those that do not fill a batch are left out of it, and are others from epoch to epoch.
 * @throws DomainError when an option is no whole number >= 1, or the text does not fill one batch
 */
export function blockBatches(text: RunningText, options: BlockOptions, rng: Rng): BatchSource<BlockBatch> {
  const op = 'blockBatches';
  const { length, rows } = options;
  check(op, options);
  const blocks = Math.floor((text.tokens.length - 1) / length);
  if (blocks < rows)
    throw new DomainError(op, `${rows} blocks of ${length} tokens do not come out of ${text.tokens.length - 1}`);
  const epoch = (random: Rng): Int32Array[] => {
    const order = random.permutation(blocks);
    return Array.from({ length: Math.floor(blocks / rows) }, (_, i) => order.subarray(i * rows, (i + 1) * rows));
  };
  return resumable({ op, epoch, batch: (chosen) => batchOf(text, length, chosen) }, rng);
}

/**
 * All blocks in their order, for measuring: each token but the first is the target once. The last batch may have fewer rows; where the text ends
 * within a block, the rest of it is `</s>` as input and −100 as target.
 * @throws DomainError when an option is no whole number >= 1
 */
export function everyBlock(text: RunningText, options: BlockOptions): Generator<BlockBatch, void, void> {
  check('everyBlock', options);
  return batchesOf(text, options);
}

function* batchesOf(text: RunningText, { length, rows }: BlockOptions): Generator<BlockBatch, void, void> {
  const blocks = Int32Array.from({ length: Math.ceil((text.tokens.length - 1) / length) }, (_, i) => i);
  for (let start = 0; start < blocks.length; start += rows)
    yield batchOf(text, length, blocks.subarray(start, start + rows));
}

function check(op: string, { length, rows }: BlockOptions): void {
  checkCount(op, 'length', length, 1);
  checkCount(op, 'rows', rows, 1);
}

function batchOf({ tokens }: RunningText, length: number, blocks: Int32Array): BlockBatch {
  const input = new Int32Array(blocks.length * length).fill(tokens[0]);
  const target = new Int32Array(blocks.length * length).fill(ignored);
  let counted = 0;
  for (const [row, block] of blocks.entries()) {
    const targets = tokens.subarray(block * length + 1, (block + 1) * length + 1);
    input.set(tokens.subarray(block * length, block * length + targets.length), row * length);
    target.set(targets, row * length);
    counted += targets.length;
  }
  const as = { dtype: 'int32', shape: [blocks.length, length] } as const;
  return { input: tensor(input, as), target: tensor(target, as), tokens: counted };
}
