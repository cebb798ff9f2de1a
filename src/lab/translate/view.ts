import { section, tableOf } from '../report/page.ts';
import { element, type Markup } from '../report/svg.ts';
import type { TaskView } from '../sequence/report.ts';
import type { SequenceRun } from '../sequence/results.ts';
import { firstOf, type MethodRuns, meanField, perplexityField } from '../sequence/summary.ts';
import { formatNumber } from '../terminal/format.ts';
import type { Translated } from './task.ts';

/** BLEU of a run; 0 for one that diverged, as in the paper's tables, and null for one that was not tested. */
export const bleuOf = ({ measured, diverged }: SequenceRun<Translated>): number | null =>
  measured?.bleu.score ?? (diverged ? 0 : null);

/** What a comparison on translation shows of its own. */
export const translateView: TaskView<Translated> = {
  fields: [meanField('BLEU', bleuOf, (x) => (Number.isFinite(x) ? x.toFixed(2) : formatNumber(x))), perplexityField()],
  headline: { title: 'BLEU', axis: 'BLEU on the test part', value: bleuOf },
  caption(runs) {
    const signature = runs.find(({ measured }) => measured !== null)?.measured?.bleu.signature;
    return signature === undefined ? '' : `BLEU and perplexity by token on the test part. ${signature}.`;
  },
  sections: (methods) => [samples(methods)],
};

/** Some sentences, and what each method made of them. */
function samples(methods: readonly MethodRuns<Translated>[]): Markup | null {
  const tested = methods.flatMap((method) => {
    const { measured } = firstOf(method);
    return measured === null ? [] : [{ label: method.label, samples: measured.samples }];
  });
  if (tested.length === 0) return null;
  const columns = [{ title: '' }, { title: 'Text', align: 'left' as const }];
  const tables = tested[0].samples.map(({ source, reference }, i) => {
    const rows = [
      ['Source', source],
      ['Reference', reference],
      ...tested.map(({ label, samples: own }) => [label, own[i].translation]),
    ];
    return tableOf({ columns, rows }, `Sentence ${i + 1}`);
  });
  return section('Translations', 'Sentences of the test part, of the first seed.', element('div', {}, tables));
}
