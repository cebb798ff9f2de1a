/** A beginning, its possible continuations, and which of them is right. */
export interface ChoiceItem {
  readonly context: string;
  /** At least two, none empty, without the space that joins them to the context. */
  readonly choices: readonly string[];
  /** The place of the right one. */
  readonly gold: number;
}

/** Items that are scored together. */
export interface ChoiceTask {
  readonly name: string;
  readonly items: readonly ChoiceItem[];
}
