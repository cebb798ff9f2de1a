import type { Series } from '../report/strokes.ts';
import { slotsOf } from '../report/theme.ts';
import { formatBytes, formatCount, formatNumber, formatPercent, MISSING } from '../terminal/format.ts';
import type { Column, Table } from '../terminal/table.ts';
import type { GraphMethodResult, GraphResult } from './results.ts';

/** Names of metrics for readers. */
export const metricLabels: Readonly<Record<string, string>> = {
  auc: 'ROC-AUC',
  ap: 'Average precision',
  f1: 'F1',
  accuracy: 'Accuracy',
};

type Field = Column & { readonly text: (method: GraphMethodResult) => string };

/** A test metric with its standard deviation over seeds, if there were several: `96.31% ± 0.62`. */
export function metricText({ test }: GraphMethodResult, name: string): string {
  const { mean, std } = test[name] ?? { mean: Number.NaN, std: null };
  const text = formatPercent(mean, 2);
  return text === MISSING || std === null ? text : `${text} ± ${(std * 100).toFixed(2)}`;
}

const METHOD: Field = { title: 'Method', align: 'left', text: (m) => m.label };
const RANK: Field = { title: 'Rank', text: (m) => (m.rank === null ? MISSING : formatCount(m.rank)) };
const TRAINABLE: Field = { title: 'Trainable', text: (m) => formatCount(m.trainable) };
const EPOCH: Field = { title: 'Best epoch', text: (m) => m.runs.map((run) => formatCount(run.bestEpoch)).join(' / ') };
const TIME: Field = { title: 'ms/epoch', text: (m) => formatNumber(m.msPerEpoch) };

const fieldsOf = (methods: readonly GraphMethodResult[]): Field[] =>
  Object.keys(methods[0]?.test ?? {}).map((name) => ({
    title: metricLabels[name] ?? name,
    text: (method) => metricText(method, name),
  }));

/** The table of results, a row for each method: `short` fits a terminal, `long` is for documents. */
export function graphTable(methods: readonly GraphMethodResult[], extent: 'short' | 'long'): Table {
  const rate: Field = { title: 'Learning rate', text: (m) => String(m.learningRate) };
  const fields =
    extent === 'short'
      ? [METHOD, RANK, ...fieldsOf(methods), EPOCH, TRAINABLE, TIME]
      : [
          METHOD,
          RANK,
          rate,
          ...fieldsOf(methods),
          EPOCH,
          TRAINABLE,
          { title: 'All parameters', text: (m: GraphMethodResult) => formatCount(m.total) },
          { title: 'Optimizer state', text: (m: GraphMethodResult) => formatBytes(m.optimizerBytes) },
          TIME,
          {
            title: 'Merge error',
            text: (m: GraphMethodResult) => (m.mergeError === null ? MISSING : formatNumber(m.mergeError, 2)),
          },
        ];
  return { columns: fields, rows: methods.map((method) => fields.map((field) => field.text(method))) };
}

/** Curves of the first seed in the methods' colours: what each method's `points` are. */
function seriesOf(
  methods: readonly GraphMethodResult[],
  points: (method: GraphMethodResult) => readonly { readonly x: number; readonly y: number }[],
): Series[] {
  const slots = slotsOf(methods.map(({ method }) => method));
  return methods.map((method, i) => ({ label: method.label, slot: slots[i], points: points(method) }));
}

/** Training loss against epochs. */
export const graphLosses = ({ methods }: Pick<GraphResult, 'methods'>): Series[] =>
  seriesOf(methods, ({ curve }) => curve.map(({ step, loss }) => ({ x: step, y: loss })));

/** What chose the best epoch, on the validation part, against epochs. */
export const graphMetrics = ({ methods }: Pick<GraphResult, 'methods'>): Series[] =>
  seriesOf(methods, ({ watched }) => watched.map(({ epoch, value }) => ({ x: epoch, y: value })));
