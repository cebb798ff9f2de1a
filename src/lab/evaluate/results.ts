import type { Perplexity } from '../metrics/perplexity.ts';
import type { Provenance } from '../results.ts';
import type { TaskResult } from '../tasks/evaluateTask.ts';

/** What a model reached in a task, and what who knows nothing would. */
export interface TaskScore extends Omit<TaskResult, 'scores'> {
  /** Mean over the items of one choice in how many there are. */
  readonly guess: number;
}

/** How well a model foretells a text. */
export interface TextScore extends Perplexity {
  /** Of the file. */
  readonly name: string;
  /** The `</s>` at its end included. */
  readonly tokens: number;
  readonly bytes: number;
}

/** A model and what it reached. */
export interface EvaluatedModel {
  readonly name: string;
  readonly parameters: number;
  readonly tasks: readonly TaskScore[];
  readonly texts: readonly TextScore[];
}

/** A whole evaluation. */
export interface EvaluateResult extends Provenance {
  readonly title: string;
  readonly interrupted: boolean;
  readonly models: readonly EvaluatedModel[];
}
