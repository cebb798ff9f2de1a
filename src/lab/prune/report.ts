import { curveFigure } from '../report/curves.ts';
import { renderPage, section, tableOf, versionsText } from '../report/page.ts';
import { element, type Markup } from '../report/svg.ts';
import { slotsOf } from '../report/theme.ts';
import { formatNumber } from '../terminal/format.ts';
import type { PrunePoint } from './curve.ts';
import type { PrunedRun, PruneResult } from './results.ts';
import { pruneSeries, pruneTable } from './tables.ts';

/** The report of a pruning study: the curves and the table. */
export function renderPruneReport(result: PruneResult): string {
  const { title, model, data, command, date, versions, interrupted, runs } = result;
  const heading = {
    title,
    lead: `${model}, on ${data}`,
    note: interrupted ? 'This study was interrupted. The numbers below describe what was done until then.' : null,
    command,
    facts: [
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  return renderPage(heading, [curves(runs), numbers(runs)]);
}

function curves(runs: readonly PrunedRun[]): Markup {
  const ends = (of: (point: PrunePoint) => number): string =>
    runs
      .map(({ label, points }) => `${label} ${formatNumber(of(points[0]))} to ${formatNumber(of(points.at(-1)!))}`)
      .join(', ');
  const parameters = pruneSeries(runs).map((series, i) => ({
    ...series,
    points: runs[i].points.map((point) => ({ x: saved(runs[i], point), y: point.test.perToken })),
  }));
  const description = `Perplexity from whole to most pruned: ${ends(({ test }) => test.perToken)}`;
  return section(
    'Perplexity of what is left',
    'Of the test part, when the smallest singular values of every layer in the blocks are left out. At the left the models are whole.',
    element(
      'div',
      { class: 'pair' },
      curveFigure('By singular values left out', pruneSeries(runs), {
        description,
        xLabel: 'share of singular values left out',
        yLabel: 'Perplexity',
      }),
      curveFigure('By parameters saved', parameters, {
        description,
        xLabel: 'share of parameters saved',
        yLabel: 'Perplexity',
      }),
    ),
  );
}

const saved = ({ points }: PrunedRun, { parameters }: PrunePoint): number => 1 - parameters / points[0].parameters;

function numbers(runs: readonly PrunedRun[]): Markup {
  const slots = slotsOf(runs.map(({ method }) => method));
  const caption =
    'Of each layer the largest singular values stay, as few as sum to the share that is kept. Parameters: each layer is two factors, or dense, whichever is smaller.';
  const rows = runs.flatMap(({ points }, i) => points.map(() => slots[i]));
  return section('Numbers', caption, tableOf(pruneTable(runs), 'Numbers', rows));
}
