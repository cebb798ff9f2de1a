import type { Share } from '../tasks/evaluateTask.ts';
import { formatCount, formatNumber, formatPercent, MISSING } from '../terminal/format.ts';
import type { Column, Table } from '../terminal/table.ts';
import type { EvaluatedModel, TaskScore, TextScore } from './results.ts';

type Field<T> = Column & { text(score: T): string };

/** `31.20% ± 1.33`; the error is a standard error, and is missing for one item. */
function shareText({ mean, error }: Share): string {
  const text = formatPercent(mean, 2);
  return error === null ? text : `${text} ± ${(100 * error).toFixed(2)}`;
}

const taskFields: readonly Field<TaskScore>[] = [
  { title: 'Task', align: 'left', text: ({ name }) => name },
  { title: 'Items', text: ({ count }) => formatCount(count) },
  { title: 'acc', text: ({ acc }) => shareText(acc) },
  { title: 'acc_norm', text: ({ accNorm }) => shareText(accNorm) },
  { title: 'Guess', text: ({ guess }) => formatPercent(guess, 2) },
];

const textFields: readonly Field<TextScore>[] = [
  { title: 'Text', align: 'left', text: ({ name }) => name },
  { title: 'Tokens', text: ({ tokens }) => formatCount(tokens) },
  { title: 'Bytes', text: ({ bytes }) => formatCount(bytes) },
  { title: 'Perplexity', text: ({ perToken }) => formatNumber(perToken, 4) },
  { title: 'by byte', text: ({ perByte }) => formatNumber(perByte, 4) },
  { title: 'Bits per byte', text: ({ bitsPerByte }) => formatNumber(bitsPerByte, 4) },
];

function tableOf<T>(
  models: readonly EvaluatedModel[],
  fields: readonly Field<T>[],
  scores: (model: EvaluatedModel) => readonly T[],
): Table | null {
  const rows = models.flatMap((model) =>
    scores(model).map((score) => [model.name, ...fields.map((field) => field.text(score) || MISSING)]),
  );
  return rows.length === 0 ? null : { columns: [{ title: 'Model', align: 'left' }, ...fields], rows };
}

/** Accuracies of every model in every task; null where none was asked. */
export const taskTable = (models: readonly EvaluatedModel[]): Table | null =>
  tableOf(models, taskFields, ({ tasks }) => tasks);

/** Perplexities of every text; null where none was asked. */
export const textTable = (models: readonly EvaluatedModel[]): Table | null =>
  tableOf(models, textFields, ({ texts }) => texts);

/** The tables of an evaluation: tasks, and texts; none for what was not asked. */
export const evaluateTables = (models: readonly EvaluatedModel[]): Table[] =>
  [taskTable(models), textTable(models)].filter((table) => table !== null);
