import { basename } from 'node:path';
import type { Device } from '../../tensor/device.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { TextFile } from '../data/textFile.ts';
import type { LoadedModel } from '../lm/modelFolder.ts';
import { blockLogits, heldText } from '../lm/task.ts';
import { perplexity } from '../metrics/perplexity.ts';
import { likelihood } from '../sequence/measure.ts';
import type { ChoiceTask } from '../tasks/choices.ts';
import { evaluateTask, type TaskOptions } from '../tasks/evaluateTask.ts';
import { modelScorer } from '../tasks/modelScorer.ts';
import { runningText } from '../text/blocks.ts';
import { ReportedError } from '../usage.ts';
import type { TaskScore, TextScore } from './results.ts';

/** Tokens of a text that are foretold together. */
const tokensAtOnce = 2048;

/** Zero-shot accuracy of a model in a task. @throws ReportedError when a choice is too long for the model */
export async function taskScore(
  { model, tokenizer }: LoadedModel,
  task: ChoiceTask,
  options: TaskOptions,
): Promise<TaskScore> {
  try {
    const scorer = modelScorer(model, tokenizer.special.pad);
    const { scores, ...result } = await evaluateTask(task, scorer, tokenizer, options);
    const guess = scores.reduce((sum, { length }) => sum + 1 / length, 0) / scores.length;
    return { ...result, guess };
  } catch (error) {
    throw error instanceof DomainError ? new ReportedError(`task ${task.name}: ${error.message}`) : error;
  }
}

/**
 * How well a model foretells a text, in blocks as long as it has positions; no block knows of the one before it.
 * @throws ReportedError when the text is empty
 */
export async function textScore(
  { model, tokenizer }: LoadedModel,
  { path, text }: TextFile,
  device: Device,
): Promise<TextScore> {
  if (text === '') throw new ReportedError(`${path}: is empty`);
  const length = model.maxLength;
  const part = heldText(runningText([text], tokenizer), { length, rows: Math.ceil(tokensAtOnce / length) });
  const found = await likelihood({ task: { logits: blockLogits }, model, device }, part);
  return { name: basename(path), tokens: found.tokens, bytes: found.bytes, ...perplexity(found) };
}
