import { curveFigure } from '../report/curves.ts';
import { type Dot, dotChart } from '../report/dots.ts';
import { figure, renderPage, section, tableOf, versionsText } from '../report/page.ts';
import { element, type Markup } from '../report/svg.ts';
import { slotsOf } from '../report/theme.ts';
import { formatCount, formatNumber, MISSING } from '../terminal/format.ts';
import type { GraphMethodResult, GraphResult } from './results.ts';
import { graphLosses, graphMetrics, graphTable, metricLabels, metricText } from './summary.ts';

/** A picture of the nodes after training with one method. */
export interface Embedding {
  readonly label: string;
  readonly picture: Markup;
}

/** The report of an experiment on a graph: the table, the curves, and the nodes on the disk where the space is curved. */
export function renderGraphReport(result: GraphResult, embeddings: readonly Embedding[]): string {
  const { title, model, data, command, date, versions, seeds, epochs } = result;
  const heading = {
    title,
    lead: `${model}, on ${data}`,
    note: result.interrupted ? 'This run was interrupted. The numbers below describe what was done until then.' : null,
    command,
    facts: [
      ['Epochs at most', formatCount(epochs)],
      [seeds.length === 1 ? 'Seed' : 'Seeds', seeds.join(', ')],
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  return renderPage(heading, [results(result), curves(result), disks(embeddings)]);
}

function results({ methods, shown, seeds, watchedBy }: GraphResult): Markup {
  const slots = slotsOf(methods.map(({ method }) => method));
  const caption = [
    `Test metrics with the weights of the epoch that had the best ${watchedBy} in validation.`,
    seeds.length > 1
      ? `± is the standard deviation over ${seeds.length} seeds.`
      : 'One seed: differences may be chance.',
    'Merge error is the largest distance that a point moves when a method’s factors are multiplied into plain weights.',
  ];
  const table = tableOf(graphTable(methods, 'long'), 'Results', slots);
  return section('Results', caption.join(' '), table, methods.length > 1 ? dots(methods, shown, slots) : null);
}

function dots(methods: readonly GraphMethodResult[], shown: string, slots: readonly number[]): Markup {
  const marks = methods.map((method, i): Dot => {
    const { mean, std } = method.test[shown];
    const text = metricText(method, shown);
    return { label: method.label, slot: slots[i], value: mean * 100, spread: std === null ? null : std * 100, text };
  });
  return dotChart(`Test ${metricLabels[shown] ?? shown}`, marks, 'percent');
}

function curves(result: GraphResult): Markup {
  const last = (values: readonly number[]): string => formatNumber(values.at(-1) ?? Number.NaN);
  const ends = (of: (method: GraphMethodResult) => readonly number[]): string =>
    result.methods.map((method) => `${method.label} ${last(of(method)) || MISSING}`).join(', ');
  const loss = ends(({ curve }) => curve.map((point) => point.loss));
  const metric = ends(({ watched }) => watched.map((point) => point.value));
  return section(
    'Training',
    'Of the first seed. The loss is smoothed; the metric is what chose the best epoch.',
    element(
      'div',
      { class: 'pair' },
      curveFigure('Training loss', graphLosses(result), {
        description: `Training loss. Last values: ${loss}`,
        xLabel: 'epoch',
        yLabel: 'Training loss',
      }),
      curveFigure(`Validation: ${result.watchedBy}`, graphMetrics(result), {
        description: `Validation metric. Last values: ${metric}`,
        xLabel: 'epoch',
        yLabel: result.watchedBy,
      }),
    ),
  );
}

function disks(embeddings: readonly Embedding[]): Markup | null {
  if (embeddings.length === 0) return null;
  return section(
    'Embedding',
    'The nodes on the Poincaré disk, of the first seed: seen from their midpoint, along the two directions in which they differ most. Colours are classes, where there are any; lines are edges.',
    element(
      'div',
      { class: 'pair' },
      embeddings.map(({ label, picture }) => figure(label, picture)),
    ),
  );
}
