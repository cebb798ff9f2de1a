import type { Perplexity } from '../metrics/perplexity.ts';
import { section, tableOf } from '../report/page.ts';
import { element, type Markup } from '../report/svg.ts';
import { slotsOf } from '../report/theme.ts';
import type { TaskView } from '../sequence/report.ts';
import type { SequenceRun } from '../sequence/results.ts';
import { type Field, firstOf, type MethodRuns, meanField, meanText, perplexityField } from '../sequence/summary.ts';
import { formatNumber } from '../terminal/format.ts';
import type { LmMeasured } from './task.ts';

type Run = SequenceRun<LmMeasured>;

const digits = (x: number): string => formatNumber(x, 4);

/** What a perplexity is told as. */
const measures: readonly (readonly [title: string, of: keyof Perplexity])[] = [
  ['by token', 'perToken'],
  ['by byte', 'perByte'],
  ['bits per byte', 'bitsPerByte'],
];

/** What a comparison of language models shows of its own. */
export const lmView: TaskView<LmMeasured> = {
  fields: [
    perplexityField(),
    meanField('by byte', ({ test }) => test?.perByte ?? null, digits),
    meanField('bits/byte', ({ test }) => test?.bitsPerByte ?? null, digits),
  ],
  headline: {
    title: 'Perplexity',
    axis: 'perplexity of the test part by token',
    value: ({ test }) => test?.perToken ?? null,
  },
  caption: (runs) =>
    runs.some(({ test }) => test !== null)
      ? 'Perplexity of the test part, by token, and by byte, which compares between vocabularies; each block is foretold by itself.'
      : '',
  sections: (methods) => [parts(methods), samples(methods)],
};

/** The methods of which something was measured. */
const tested = (methods: readonly MethodRuns<LmMeasured>[]): MethodRuns<LmMeasured>[] =>
  methods.filter((method) => firstOf(method).measured !== null);

/** Both parts that are held back, in every measure. */
function parts(methods: readonly MethodRuns<LmMeasured>[]): Markup | null {
  const found = tested(methods);
  if (found.length === 0) return null;
  const held: readonly (readonly [name: string, of: (run: Run) => Perplexity | null])[] = [
    ['Validation', ({ measured }) => measured?.validation ?? null],
    ['Test', ({ test }) => test],
  ];
  const fields = held.flatMap(([name, of]) =>
    measures.map(
      ([title, measure]): Field<LmMeasured> => ({
        title: `${name}, ${title}`,
        text: (method) => meanText(method, (run) => of(run)?.[measure] ?? null, digits),
      }),
    ),
  );
  const table = {
    columns: [{ title: 'Method', align: 'left' as const }, ...fields],
    rows: found.map((method) => [method.label, ...fields.map((field) => field.text(method))]),
  };
  const slots = slotsOf(found.map(({ method }) => method));
  return section('Perplexity', 'Of the weights that were kept, as plain ones.', tableOf(table, 'Perplexity', slots));
}

/** Beginnings of documents, and how each method goes on. */
function samples(methods: readonly MethodRuns<LmMeasured>[]): Markup | null {
  const found = tested(methods).map((method) => ({
    label: method.label,
    own: firstOf(method).measured?.samples ?? [],
  }));
  if (found.length === 0) return null;
  const tables = found[0].own.map(({ beginning }, i) => {
    const rows = [['Beginning', beginning], ...found.map(({ label, own }) => [label, own[i].continuation])];
    const columns = [{ title: '' }, { title: 'Text', align: 'left' as const }];
    return tableOf({ columns, rows }, `Text ${i + 1}`);
  });
  return section(
    'Texts',
    'Beginnings of documents of the test part, and how the models of the first seed go on; all draw from the same stream of random numbers.',
    element('div', {}, tables),
  );
}
