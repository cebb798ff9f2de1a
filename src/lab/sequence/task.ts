/** What the core trains and measures: all that it knows of translation or of language models. */
import type { CallContext, Module } from '../../nn/module.ts';
import type { Device } from '../../tensor/device.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { BatchSource } from '../text/text.ts';

/** What every batch has. */
export interface SequenceBatch {
  /** int32 [b, t]: the token that each place is to foretell; −100, which `crossEntropy` ignores, where there is none. */
  readonly target: Tensor;
  /** What speed is counted in. */
  readonly tokens: number;
}

/** A part that is held back from training. */
export interface HeldPart<B> {
  /** All of it once, in the same batches each time. */
  batches(): Iterable<B>;
  /** UTF-8 bytes of its targets. */
  readonly bytes: number;
}

/** An experiment on sequences: what is modelled, and what it is measured by besides perplexity. */
export interface SequenceTask<M extends Module, B extends SequenceBatch, T> {
  /** The data in words. */
  readonly data: string;
  /** The model in words. */
  readonly modelText: string;
  /** A new model on the host; the same one from the same stream. */
  model(rng: Rng): M;
  /** Batches for training. */
  batches(rng: Rng): BatchSource<B>;
  /** [b, t, v]: logits of `batch.target`. The tensors of the batch are where the model is. */
  logits(model: M, batch: B, context: CallContext): Tensor;
  readonly val: HeldPart<B>;
  readonly test: HeldPart<B>;
  /** Paths of the layers whose spectra are kept, with `*` and `**` as in a selection of `convert`. */
  readonly watched: readonly string[];
  /** What the trained model, with plain weights, is judged by; JSON. It is not asked of a run that diverged. */
  measure(model: M, device: Device): Promise<T>;
}
