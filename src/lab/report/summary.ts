import type { CompareResult, MethodResult } from '../results.ts';
import { formatBytes, formatCount, formatNumber, formatPercent, MISSING } from '../terminal/format.ts';
import type { Column, Table } from '../terminal/table.ts';
import type { Series } from './strokes.ts';
import { slotsOf } from './theme.ts';

type Field = Column & { readonly text: (method: MethodResult) => string };

const METHOD: Field = { title: 'Method', align: 'left', text: (m) => m.label };
const RANK: Field = { title: 'Rank', text: (m) => (m.rank === null ? MISSING : formatCount(m.rank)) };
const TRAINABLE: Field = { title: 'Trainable', text: (m) => formatCount(m.trainable) };
const STEP: Field = { title: 'ms/step', text: (m) => formatNumber(m.msPerStep) };
const MERGE: Field = {
  title: 'Merge error',
  text: (m) => (m.mergeError === null ? MISSING : formatNumber(m.mergeError, 2)),
};

const SHORT: readonly Field[] = [
  METHOD,
  RANK,
  { title: 'Accuracy', text: accuracyText },
  { title: 'Loss', text: (m) => formatNumber(lastLoss(m)) },
  TRAINABLE,
  { title: 'Optimizer', text: (m) => formatBytes(m.optimizerBytes) },
  STEP,
  MERGE,
];

const LONG: readonly Field[] = [
  METHOD,
  RANK,
  { title: 'Learning rate', text: (m) => (Number.isFinite(m.learningRate) ? String(m.learningRate) : MISSING) },
  { title: 'Test accuracy', text: accuracyText },
  { title: 'Training loss', text: (m) => formatNumber(lastLoss(m)) },
  TRAINABLE,
  { title: 'All parameters', text: (m) => formatCount(m.total) },
  { title: 'Weights', text: (m) => formatBytes(m.weightBytes) },
  { title: 'Optimizer state', text: (m) => formatBytes(m.optimizerBytes) },
  STEP,
  MERGE,
];

/** The table of results, a row for each method: `short` fits a terminal of 80 columns, `long` is for documents. */
export function summaryTable(methods: readonly MethodResult[], extent: 'short' | 'long'): Table {
  const fields = extent === 'short' ? SHORT : LONG;
  return { columns: fields, rows: methods.map((method) => fields.map((field) => field.text(method))) };
}

/** The loss curves, in the methods' colours; a step is `xPerStep` wide on the x axis, such as its seconds (default 1). */
export function lossSeries<M extends Pick<MethodResult, 'method' | 'label' | 'curve'>>(
  methods: readonly M[],
  xPerStep: (method: M) => number = () => 1,
): Series[] {
  const slots = slotsOf(methods.map(({ method }) => method));
  return methods.map((method, i) => ({
    label: method.label,
    slot: slots[i],
    points: method.curve.map((point) => ({ x: point.step * xPerStep(method), y: point.loss })),
  }));
}

/** The last loss of a curve, NaN where there is none. */
export function lastLoss(method: MethodResult): number {
  return method.curve.at(-1)?.loss ?? Number.NaN;
}

/** Test accuracy with its standard deviation over seeds, if there were several: `97.31% ± 0.12`. */
export function accuracyText({ accuracy }: MethodResult): string {
  const mean = formatPercent(accuracy.mean, 2);
  const spread = (accuracy.std ?? Number.NaN) * 100;
  return mean === MISSING || !Number.isFinite(spread) ? mean : `${mean} ± ${spread.toFixed(2)}`;
}

/** One sentence that says which methods were cut short, or null when the run is complete. */
export function interruption(result: CompareResult): string | null {
  const cut = result.methods.filter((method) => !method.finished);
  if (!result.interrupted && cut.length === 0) return null;
  const list = cut
    .map((m) => `${m.label} at step ${formatCount(m.stepsDone)} of ${formatCount(result.steps)}`)
    .join(', ');
  return `This run was interrupted${list === '' ? '' : `: ${list}`}. The numbers below describe what was done until then.`;
}
