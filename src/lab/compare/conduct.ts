import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rng } from '../../tensor/rng.ts';
import { loadDigits } from '../data/digits.ts';
import { withDevice } from '../device.ts';
import { announce, interruptible, type Metrics, metricsFile, openFolder, provenance } from '../output.ts';
import { renderReport } from '../report/comparePage.ts';
import { lossSeries, summaryTable } from '../report/summary.ts';
import { slotsOf } from '../report/theme.ts';
import type { CompareResult } from '../results.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { type Progress, progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { type Comparison, compare, type Observer } from './compare.ts';
import type { CompareOptions } from './options.ts';

/** The digits are divided the same way whatever the seed of a run, so that runs compare. */
const dataSeed = 2405;

/**
 * Run a comparison: progress on standard error, the table and the curves on standard output, report and metrics in a folder.
 * @param words the command line that repeats it
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError when the folder cannot be written
 */
export async function conduct(
  comparison: Comparison,
  { out, json }: Pick<CompareOptions, 'out' | 'json'>,
  words: readonly string[],
): Promise<number> {
  const folder = openFolder(out);
  const { settings, contestants } = comparison;
  const metrics = metricsFile(folder, { ...settings, contestants: contestants.map(({ id }) => id) });
  const data = loadDigits(new Rng(dataSeed));
  const result = await withDevice(settings.device, (device) =>
    interruptible((signal) =>
      compare(comparison, { ...data, device }, provenance(words), watcher(comparison, metrics), signal),
    ),
  );
  const page = join(folder, 'index.html');
  writeFileSync(page, renderReport(result));
  metrics({ type: 'result', ...result });
  announce(json, result, () => summary(result), { Report: page, Metrics: join(folder, 'metrics.jsonl') });
  return result.interrupted ? 130 : 0;
}

/** Progress on standard error, every event in the metrics. */
function watcher({ settings, contestants }: Comparison, metrics: Metrics): Observer {
  const slots = slotsOf(contestants.map(({ id }) => id));
  let bar: Progress | null = null;
  return {
    begin({ id, label: name, settings: { steps } }, seed, run, runs) {
      const label = settings.seeds > 1 ? `${name} #${seed}` : name;
      const slot = slots[contestants.findIndex((one) => one.id === id)];
      process.stderr.write(run === 0 ? `${runs} runs of ${steps} steps\n` : '');
      bar = progress({ label, total: steps, stream: process.stderr, slot });
    },
    event({ id }, seed, event) {
      metrics({ method: id, seed, ...event });
      if (event.type === 'step') bar?.update(event.step + 1, event.loss);
    },
    end({ id }, seed, { losses, spectra, ...run }) {
      metrics({ type: 'run', method: id, seed, ...run });
      bar?.done(`accuracy ${(run.accuracy * 100).toFixed(2)}%`);
    },
  };
}

/** The table and the loss curves, as a terminal shows them. */
function summary(result: CompareResult): string {
  const { columns = 80 } = process.stdout;
  const colour = wantsColour(process.stdout, process.env);
  const chart = renderChart(lossSeries(result.methods), {
    title: 'Training loss',
    xLabel: 'step',
    width: Math.min(100, columns),
    colour,
  });
  const note = result.interrupted ? '\nInterrupted: the numbers describe what was done until then.\n' : '';
  return `\n${result.model}\n${result.data}\n\n${renderTable(summaryTable(result.methods, 'short'))}\n${note}\n${chart}\n`;
}
