import type { CompareResult, MethodResult } from '../results.ts';
import { formatBytes, formatCount, formatNumber } from '../terminal/format.ts';
import { type Bar, barChart } from './bars.ts';
import { type Dot, dotChart } from './dots.ts';
import { lineChart } from './lineChart.ts';
import { autoScale, linearScale } from './scale.ts';
import { spectraPanels } from './spectra.ts';
import type { Series } from './strokes.ts';
import { styleSheet } from './style.ts';
import { accuracyText, interruption, lastLoss, lossSeries, summaryTable } from './summary.ts';
import { type Child, element, type Markup } from './svg.ts';
import { slotsOf } from './theme.ts';

/**
 * The report of a comparison: one HTML page with its style and pictures inside, which needs no script, loads nothing,
 * and can be mailed, printed or opened from a disk. Every text of the result is escaped.
 */
export function renderReport(result: CompareResult): string {
  const note = interruption(result);
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, result.title),
    element('style', {}, { markup: styleSheet() }),
  );
  const body = element(
    'body',
    {},
    element(
      'main',
      {},
      header(result, note),
      results(result),
      losses(result),
      costs(result.methods),
      spectra(result.methods),
      element('footer', {}, 'The numbers of this run, step by step, are in metrics.jsonl, written beside this page.'),
    ),
  );
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, body).markup}\n`;
}

function header(result: CompareResult, note: string | null): Markup {
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const fact = (name: string, value: string): Markup =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value));
  return element(
    'header',
    {},
    element('h1', {}, result.title),
    element('p', { class: 'lead' }, `${result.model}, on ${result.data}`),
    note === null ? null : element('p', { class: 'note', role: 'note' }, note),
    element('pre', { 'aria-label': 'Command' }, element('code', {}, result.command)),
    element(
      'dl',
      {},
      fact('Steps per method', formatCount(result.steps)),
      fact('Seed', String(result.seed)),
      fact('Date', result.date),
      fact('Versions', versions.join(' · ')),
    ),
  );
}

function section(title: string, caption: string, ...content: readonly Child[]): Markup {
  return element('section', {}, element('h2', {}, title), element('p', { class: 'caption' }, caption), ...content);
}

function results({ methods }: CompareResult): Markup {
  const table = summaryTable(methods, 'long');
  const side = (c: number): string | null => (table.columns[c]?.align === 'left' ? 'left' : null);
  const heads = table.columns.map((column, c) => element('th', { scope: 'col', class: side(c) }, column.title));
  const rows = table.rows.map(([name = '', ...cells], i) => {
    const swatch = element('span', { class: `swatch c${slotOf(methods, i)}` });
    return element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'left' }, swatch, name),
      cells.map((cell) => element('td', {}, cell)),
    );
  });
  const caption = [
    'Accuracy is measured on examples held out from training.',
    aboutSeeds(methods),
    'Merge error is the largest change of an output when a method’s factors are multiplied into plain weights.',
  ];
  return section(
    'Results',
    caption.filter((sentence) => sentence !== '').join(' '),
    element(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Results' },
      element('table', {}, element('thead', {}, element('tr', {}, heads)), element('tbody', {}, rows)),
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
  const figure = (title: string, xLabel: string, series: readonly Series[], most: number): Markup => {
    const xs = series.flatMap((one) => one.points.map((point) => point.x));
    const x = linearScale([0, most, ...xs], { nice: false });
    const description = `Training loss ${title}. Last values: ${ends}`;
    const yLabel = y.kind === 'log' ? 'Training loss (log scale)' : 'Training loss';
    return element(
      'figure',
      {},
      element('figcaption', {}, `Loss ${title}`),
      lineChart(series, { description, xLabel, yLabel, x, y }),
    );
  };
  const seconds = (method: MethodResult): number => method.msPerStep / 1000;
  return section(
    'Training loss',
    'Smoothed. The second chart gives each step the mean time that a step of its method took.',
    element(
      'div',
      { class: 'pair' },
      figure('against steps', 'step', lossSeries(methods), steps),
      figure('against training time', 'seconds', lossSeries(methods, seconds), 0),
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
  return element(
    'section',
    {},
    element('h2', {}, 'Singular values'),
    element(
      'p',
      { class: 'caption' },
      'Singular values of each layer’s weight, largest first: grey',
      element('span', { class: 'key' }),
      'before training, in the method’s colour after it. Panels of a layer share their axes.',
    ),
    spectraPanels(methods),
  );
}
