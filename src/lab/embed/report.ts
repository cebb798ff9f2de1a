import { curveFigure } from '../report/curves.ts';
import { type Dot, dotChart } from '../report/dots.ts';
import { renderPage, section, tableOf, versionsText } from '../report/page.ts';
import { linearScale } from '../report/scale.ts';
import { element, type Markup } from '../report/svg.ts';
import { formatCount, formatDuration, formatNumber, MISSING } from '../terminal/format.ts';
import type { Table } from '../terminal/table.ts';
import type { EmbedResult } from './results.ts';

/** The result in one row. */
export function embedTable(result: EmbedResult): Table {
  const { quality, curve, epochsDone, seconds, parameters, dim } = result;
  const last = quality.at(-1);
  const cells = [
    ['MAP', formatNumber(last?.map ?? Number.NaN, 4)],
    ['Mean rank', formatNumber(last?.meanRank ?? Number.NaN, 4)],
    ['Loss', formatNumber(curve.at(-1)?.loss ?? Number.NaN)],
    ['Epochs', formatCount(epochsDone)],
    ['Time', formatDuration(seconds * 1000)],
    ['Parameters', formatCount(parameters)],
  ];
  return {
    columns: [{ title: 'Dimensions', align: 'left' }, ...cells.map(([title]) => ({ title }))],
    rows: [[String(dim), ...cells.map(([, text]) => text)]],
  };
}

/** The report of an embedding: the table, the disk, the curves, and how far from the root the nodes of each depth lie. */
export function renderEmbedReport(result: EmbedResult, disk: Markup): string {
  const { title, model, data, command, seed, date, versions, epochs, interrupted } = result;
  const heading = {
    title,
    lead: `${model}, on ${data}`,
    note: interrupted ? 'This run was interrupted. The numbers below describe what was done until then.' : null,
    command,
    facts: [
      ['Epochs', formatCount(epochs)],
      ['Seed', String(seed)],
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  return renderPage(heading, [results(result), picture(result, disk), curves(result), levels(result)]);
}

function results(result: EmbedResult): Markup {
  const caption =
    'How well distances give back the relation that the embedding was made from. For a noun and one that it is a kind of, the rank ' +
    'is one more than the number of unrelated nouns that are nearer; MAP is the mean average precision of ranking by ' +
    'distance, at best 1. There is no test set: the question is how much fits into so few dimensions.';
  return section('Reconstruction', caption, tableOf(embedTable(result), 'Reconstruction'));
}

function picture({ dim }: EmbedResult, disk: Markup): Markup {
  const what =
    dim === 2
      ? 'The whole embedding, moved by an isometry so that the root is in the middle.'
      : `A shadow of ${dim} dimensions: the tangent space at the root, in its two directions of largest variance. Distances from the root are shortened by what the other directions hold.`;
  const rest =
    'Lines join a noun to what it is directly a kind of, along geodesics. Larger dots have more nouns below them, and those with most of them are named.';
  return section('Poincaré disk', `${what} ${rest}`, element('div', { class: 'disk' }, disk));
}

function curves({ curve, quality, epochs }: EmbedResult): Markup {
  const [loss, last] = [curve.at(-1)?.loss ?? Number.NaN, quality.at(-1)];
  const series = (label: string, slot: number, points: readonly { readonly x: number; readonly y: number }[]) => [
    { label, slot, points },
  ];
  const map = quality.map((one) => ({ x: one.epoch, y: one.map }));
  return section(
    'Training',
    'The loss is the mean over the pairs of an epoch; the reconstruction is measured now and then.',
    element(
      'div',
      { class: 'pair' },
      curveFigure(
        'Loss',
        series(
          'loss',
          2,
          curve.map((one) => ({ x: one.step, y: one.loss })),
        ),
        {
          description: `Loss by epoch, at last ${formatNumber(loss)}`,
          xLabel: 'epoch',
          yLabel: 'Loss',
          most: epochs,
        },
      ),
      curveFigure('Reconstruction', series('MAP', 1, map), {
        description: `MAP by epoch, at last ${formatNumber(last?.map ?? Number.NaN)}`,
        xLabel: 'epoch',
        yLabel: 'Mean average precision',
        most: epochs,
        y: linearScale([0, 1]),
      }),
    ),
  );
}

function levels({ depths }: EmbedResult): Markup {
  const dots = depths.map(({ depth, nodes, mean, std }): Dot => {
    const spread = std === null || !Number.isFinite(std) ? '' : ` ± ${formatNumber(std)}`;
    const text = Number.isFinite(mean) ? `${formatNumber(mean)}${spread}` : MISSING;
    return { label: `depth ${depth} (${formatCount(nodes)})`, value: mean, spread: std, text, slot: 2 };
  });
  const caption =
    'Mean distance of the nouns of each depth in the tree, with their number, and standard deviation. The embedding was not told the depths.';
  return section('Distance from the root', caption, dotChart('By depth in the tree', dots, 'distance'));
}
