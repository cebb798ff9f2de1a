import { type Dot, dotChart } from '../report/dots.ts';
import { renderPage, section, tableOf, versionsText } from '../report/page.ts';
import { element, type Markup } from '../report/svg.ts';
import { slotsOf } from '../report/theme.ts';
import { formatPercent } from '../terminal/format.ts';
import type { EvaluatedModel, EvaluateResult } from './results.ts';
import { taskTable, textTable } from './tables.ts';

/** The report of an evaluation: accuracies with their standard errors beside what guessing gets, and perplexities. */
export function renderEvaluateReport(result: EvaluateResult): string {
  const { title, command, date, versions, models, interrupted } = result;
  const heading = {
    title,
    lead: models.map(({ name }) => name).join(', '),
    note: interrupted ? 'This evaluation was interrupted. The numbers below are of the models that were done.' : null,
    command,
    facts: [
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  const slots = slotsOf(models.map(({ name }) => name));
  return renderPage(heading, [tasksOf(models, slots), textsOf(models, slots)], 'evaluate.json');
}

function tasksOf(models: readonly EvaluatedModel[], slots: readonly number[]): Markup | null {
  const table = taskTable(models);
  if (table === null) return null;
  const charts = models[0].tasks.map(({ name, guess }, i) => {
    const dots = models.map((model, at): Dot => {
      const { mean, error } = model.tasks[i].acc;
      return { label: model.name, slot: slots[at], value: mean, spread: error, text: formatPercent(mean, 2) };
    });
    return dotChart(name, dots, `accuracy; guessing gets ${formatPercent(guess, 2)}`);
  });
  const caption =
    'acc: the likeliest continuation is the right one; acc_norm: the likeliest by byte. ± is the standard error; so are the whiskers.';
  const rows = models.flatMap(({ tasks }, i) => tasks.map(() => slots[i]));
  return section('Tasks', caption, tableOf(table, 'Tasks', rows), element('div', {}, charts));
}

function textsOf(models: readonly EvaluatedModel[], slots: readonly number[]): Markup | null {
  const table = textTable(models);
  const rows = models.flatMap(({ texts }, i) => texts.map(() => slots[i]));
  const caption =
    'Perplexity by token, and by byte, which compares between vocabularies; each block is foretold by itself.';
  return table && section('Texts', caption, tableOf(table, 'Texts', rows));
}
