import type { CompareResult, MethodResult } from '../results.ts';
import { formatBytes, formatCount, formatNumber } from '../terminal/format.ts';
import { type Bar, barChart } from './bars.ts';
import { curveFigure } from './curves.ts';
import { type Dot, dotChart } from './dots.ts';
import { renderPage, section, tableOf, versionsText } from './page.ts';
import { autoScale } from './scale.ts';
import { spectraPanels } from './spectra.ts';
import type { Series } from './strokes.ts';
import { accuracyText, interruption, lastLoss, lossSeries, summaryTable } from './summary.ts';
import { element, type Markup } from './svg.ts';
import { slotsOf } from './theme.ts';

/** The report of a comparison: what was run, the table, the loss curves, the costs and the spectra of the weights. */
export function renderReport(result: CompareResult): string {
  const { title, command, seed, date, versions, steps, methods } = result;
  const heading = {
    title,
    lead: `${result.model}, on ${result.data}`,
    note: interruption(result),
    command,
    facts: [
      ['Steps per method', formatCount(steps)],
      ['Seed', String(seed)],
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  return renderPage(heading, [results(result), losses(result), costs(methods), spectra(methods)]);
}

function results({ methods }: CompareResult): Markup {
  const caption = [
    'Accuracy is measured on examples held out from training.',
    aboutSeeds(methods),
    'Merge error is the largest change of an output when a method’s factors are multiplied into plain weights.',
  ];
  return section(
    'Results',
    caption.filter((sentence) => sentence !== '').join(' '),
    tableOf(
      summaryTable(methods, 'long'),
      'Results',
      methods.map((_, i) => slotOf(methods, i)),
    ),
    methods.length > 1 ? accuracies(methods) : null,
  );
}

function accuracies(methods: readonly MethodResult[]): Markup {
  const dots = methods.map(
    (method, i): Dot => ({
      label: method.label,
      slot: slotOf(methods, i),
      value: method.accuracy.mean * 100,
      spread: method.accuracy.std === null ? null : method.accuracy.std * 100,
      text: accuracyText(method),
    }),
  );
  return dotChart('Test accuracy', dots, 'percent');
}

function aboutSeeds(methods: readonly MethodResult[]): string {
  const seeds = Math.max(0, ...methods.map((method) => method.seeds));
  if (methods.some((method) => method.accuracy.std !== null)) return `± is the standard deviation over ${seeds} seeds.`;
  return seeds === 1 ? 'One seed: differences may be chance.' : '';
}

const slotOf = (methods: readonly MethodResult[], index: number): number =>
  slotsOf(methods.map(({ method }) => method))[index] ?? 0;

function losses({ methods, steps }: CompareResult): Markup {
  const y = autoScale(methods.flatMap((method) => method.curve.map((point) => point.loss)));
  const ends = methods.map((method) => `${method.label} ${formatNumber(lastLoss(method))}`).join(', ');
  const curves = (title: string, xLabel: string, series: readonly Series[], most: number): Markup => {
    const description = `Training loss ${title}. Last values: ${ends}`;
    return curveFigure(`Loss ${title}`, series, { description, xLabel, yLabel: 'Training loss', most, y });
  };
  const seconds = (method: MethodResult): number => method.msPerStep / 1000;
  return section(
    'Training loss',
    'Smoothed. The second chart gives each step the mean time that a step of its method took.',
    element(
      'div',
      { class: 'pair' },
      curves('against steps', 'step', lossSeries(methods), steps),
      curves('against training time', 'seconds', lossSeries(methods, seconds), 0),
    ),
  );
}

function costs(methods: readonly MethodResult[]): Markup {
  const bars = (value: (method: MethodResult) => number, text: (value: number) => string): Bar[] =>
    methods.map((method, i) => ({
      label: method.label,
      slot: slotOf(methods, i),
      value: value(method),
      text: text(value(method)),
    }));
  return section(
    'Cost',
    'What each method trains, keeps beside the weights, and takes per step on the machine of this run.',
    element(
      'div',
      { class: 'trio' },
      barChart(
        'Trainable parameters',
        bars((method) => method.trainable, formatCount),
      ),
      barChart(
        'Optimizer state',
        bars((method) => method.optimizerBytes, formatBytes),
      ),
      barChart(
        'Time per step',
        bars(
          (method) => method.msPerStep,
          (ms) => `${formatNumber(ms)} ms`,
        ),
      ),
    ),
  );
}

function spectra(methods: readonly MethodResult[]): Markup | null {
  if (methods.every((method) => method.spectra.length === 0)) return null;
  return section(
    'Singular values',
    [
      'Singular values of each layer’s weight, largest first: grey',
      element('span', { class: 'key' }),
      'before training, in the method’s colour after it. Panels of a layer share their axes.',
    ],
    spectraPanels(methods),
  );
}
