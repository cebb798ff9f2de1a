import { spread } from '../graph/experiment.ts';
import { type Bar, barChart } from '../report/bars.ts';
import { curveFigure } from '../report/curves.ts';
import { type Dot, dotChart } from '../report/dots.ts';
import { renderPage, section, tableOf, versionsText } from '../report/page.ts';
import { autoScale } from '../report/scale.ts';
import { spectraPanels } from '../report/spectra.ts';
import type { Series } from '../report/strokes.ts';
import { lossSeries } from '../report/summary.ts';
import { element, type Markup } from '../report/svg.ts';
import { slotsOf } from '../report/theme.ts';
import { formatBytes, formatCount, formatNumber, MISSING } from '../terminal/format.ts';
import { gradientCorrelation } from './gradients.ts';
import type { SequenceResult, SequenceRun } from './results.ts';
import {
  type Field,
  firstOf,
  lastLoss,
  type MethodRuns,
  meanText,
  methodsOf,
  sequenceTable,
  trainingBytes,
  troubles,
} from './summary.ts';

/** What a task shows besides what all of them show. */
export interface TaskView<T> {
  /** Columns of its own. */
  readonly fields: readonly Field<T>[];
  /** The number that methods are compared by. */
  readonly headline: {
    readonly title: string;
    readonly axis: string;
    value(run: SequenceRun<T>): number | null;
  };
  /** What must be known of the numbers, in words; under the table. */
  caption(runs: readonly SequenceRun<T>[]): string;
  /** Parts of the report after the others. */
  sections(methods: readonly MethodRuns<T>[]): readonly (Markup | null)[];
}

/** The report of a comparison on sequences. */
export function renderSequenceReport<T>(result: SequenceResult<T>, view: TaskView<T>): string {
  const { title, model, data, command, date, versions, seeds, steps, runs, interrupted } = result;
  const methods = methodsOf(runs);
  const slots = slotsOf(methods.map(({ method }) => method));
  const heading = {
    title,
    lead: `${model}, on ${data}`,
    note: troubles(methods, interrupted),
    command,
    facts: [
      ['Steps per run', formatCount(steps)],
      [seeds.length === 1 ? 'Seed' : 'Seeds', seeds.join(', ')],
      ['Date', date],
      ['Versions', versionsText(versions)],
    ],
  } as const;
  return renderPage(heading, [
    results(methods, slots, view),
    losses(methods, steps),
    progressOf(methods, slots),
    costs(methods, slots),
    spectra(methods),
    ...view.sections(methods),
  ]);
}

function results<T>(methods: readonly MethodRuns<T>[], slots: readonly number[], view: TaskView<T>): Markup {
  const { fields, headline } = view;
  const seeds = Math.max(0, ...methods.map(({ runs }) => runs.length));
  const caption = [
    view.caption(methods.flatMap(({ runs }) => runs)),
    seeds > 1 ? `± is the standard deviation over ${seeds} seeds.` : 'One seed: differences may be chance.',
    'Merge error is the largest change of a logit when a method’s factors are multiplied into plain weights. The peak of the process includes what runs before left behind.',
  ].join(' ');
  const dots = methods.map((method, i): Dot => {
    const { mean, std } = spread(method.runs.map((run) => headline.value(run) ?? Number.NaN));
    const text = meanText(method, headline.value, (x) => formatNumber(x, 4));
    return { label: method.label, slot: slots[i], value: mean, spread: std, text };
  });
  const table = tableOf(sequenceTable(methods, fields, 'long'), 'Results', slots);
  return section('Results', caption, table, methods.length > 1 ? dotChart(headline.title, dots, headline.axis) : null);
}

/** What `lossSeries` and the spectra take of a method: its first run. */
const shown = <T>(method: MethodRuns<T>) => ({ ...firstOf(method), method: method.method, label: method.label });

const ends = <T>(methods: readonly MethodRuns<T>[], value: (run: SequenceRun<T>) => number): string =>
  methods.map((method) => `${method.label} ${formatNumber(value(firstOf(method)))}`).join(', ');

function losses<T>(methods: readonly MethodRuns<T>[], steps: number): Markup {
  const y = autoScale(methods.flatMap((method) => firstOf(method).curve.map((point) => point.loss)));
  const curves = (title: string, xLabel: string, series: readonly Series[], most: number): Markup => {
    const description = `Training loss ${title}. Last values: ${ends(methods, lastLoss)}`;
    return curveFigure(`Loss ${title}`, series, { description, xLabel, yLabel: 'Training loss', most, y });
  };
  const series = methods.map(shown);
  return section(
    'Training loss',
    'Of the first seed, smoothed. An effective step is a step times the trainable parameters, in millions: what was done in all.',
    element(
      'div',
      { class: 'pair' },
      curves('against steps', 'step', lossSeries(series), steps),
      curves(
        'against effective steps',
        'step × million parameters',
        lossSeries(series, ({ trainable }) => trainable / 1e6),
        0,
      ),
    ),
  );
}

/** How like those of full training the gradient norms of each other method are, in words. */
function correlations<T>(methods: readonly MethodRuns<T>[]): string[] {
  const full = methods.find(({ method }) => method === 'full');
  return methods.flatMap((method) => {
    if (full === undefined || method === full) return [];
    const r = gradientCorrelation(firstOf(method).gradientNorms, firstOf(full).gradientNorms);
    return Number.isFinite(r) ? [`${method.label} ${r.toFixed(2)}`] : [];
  });
}

function progressOf<T>(methods: readonly MethodRuns<T>[], slots: readonly number[]): Markup {
  const series = (points: (run: SequenceRun<T>) => Series['points']): Series[] =>
    methods.map((method, i) => ({ label: method.label, slot: slots[i], points: points(firstOf(method)) }));
  const alike = correlations(methods);
  const caption = [
    'Of the first seed. Gradient norm: the mean over the layers of the norm of the gradient of SST’s active vectors U, of LoRA’s A, or of a dense weight.',
    alike.length === 0 ? '' : `Correlation with full training: ${alike.join(', ')}.`,
  ];
  const last = (run: SequenceRun<T>): number => Math.exp(run.validation.at(-1)?.loss ?? Number.NaN);
  const norm = (run: SequenceRun<T>): number => run.gradientNorms.at(-1)?.norm ?? Number.NaN;
  return section(
    'Validation and gradients',
    caption.filter((sentence) => sentence !== '').join(' '),
    element(
      'div',
      { class: 'pair' },
      curveFigure(
        'Perplexity in validation',
        series((run) => run.validation.map(({ step, loss }) => ({ x: step, y: Math.exp(loss) }))),
        {
          description: `Perplexity in validation. Last values: ${ends(methods, last)}`,
          xLabel: 'step',
          yLabel: 'Perplexity',
        },
      ),
      curveFigure(
        'Gradient norm',
        series((run) => run.gradientNorms.map(({ step, norm: y }) => ({ x: step, y }))),
        {
          description: `Gradient norm. Last values: ${ends(methods, norm)}`,
          xLabel: 'step',
          yLabel: 'Mean norm',
        },
      ),
    ),
  );
}

function costs<T>(methods: readonly MethodRuns<T>[], slots: readonly number[]): Markup {
  const bars = (value: (run: SequenceRun<T>) => number, text: (value: number) => string): Bar[] =>
    methods.map((method, i) => {
      const { mean } = spread(method.runs.map(value));
      return { label: method.label, slot: slots[i], value: mean, text: Number.isFinite(mean) ? text(mean) : MISSING };
    });
  return section(
    'Cost',
    'What each method trains, what it keeps in memory for that (weights, gradients, optimizer state), and its speed on the machine of this run.',
    element(
      'div',
      { class: 'trio' },
      barChart(
        'Trainable parameters',
        bars((run) => run.trainable, formatCount),
      ),
      barChart(
        'Optimizer state',
        bars((run) => run.optimizerBytes, formatBytes),
      ),
      barChart('Weights, gradients, state', bars(trainingBytes, formatBytes)),
      barChart(
        'Time per step',
        bars(
          (run) => run.msPerStep,
          (ms) => `${formatNumber(ms)} ms`,
        ),
      ),
      barChart(
        'Tokens per second',
        bars((run) => run.tokensPerSecond, formatCount),
      ),
    ),
  );
}

function spectra<T>(methods: readonly MethodRuns<T>[]): Markup | null {
  const measured = methods.map(shown).filter((method) => method.spectra.length > 0);
  if (measured.length === 0) return null;
  return section(
    'Singular values',
    [
      'Singular values of the last layer’s weights, largest first, of the first seed: grey',
      element('span', { class: 'key' }),
      'before training, in the method’s colour after it. Panels of a layer share their axes.',
    ],
    spectraPanels(measured),
  );
}
