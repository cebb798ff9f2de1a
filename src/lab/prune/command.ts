import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDevice } from '../device.ts';
import { lmExperiment } from '../lm/experiment.ts';
import { announce, interruptible, metricsFile, openFolder, provenance } from '../output.ts';
import { makeRuns, withThreads } from '../sequence/conduct.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { renderTable } from '../terminal/table.ts';
import { parsePrune, pruneHelp } from './options.ts';
import { renderPruneReport } from './report.ts';
import type { PruneResult } from './results.ts';
import { pruneRuns } from './study.ts';
import { pruneSeries, pruneTable } from './tables.ts';

/**
 * `spectragrad prune`: leave small singular values of language models out, show, report.
 * @returns the exit code: 0, or 130 when it was interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError when there are no models, or a file of one cannot be used
 */
export async function pruneCommand(args: readonly string[]): Promise<number> {
  const options = parsePrune(args);
  if (options.help) {
    process.stdout.write(`${pruneHelp}\n`);
    return 0;
  }
  const { lm, from, out, keeps, device, threads, json } = options;
  if (!from) {
    const { result } = await makeRuns(lmExperiment(lm.settings), lm.invocation);
    if (result.interrupted) {
      process.stderr.write(`Interrupted: spectragrad lm --resume ${out} goes on\n`);
      return 130;
    }
  }
  const folder = openFolder(out);
  const metrics = metricsFile(folder, { ...lm.settings, keeps }, 'on');
  const studied = await withDevice(device, (where) =>
    withThreads(threads, () =>
      interruptible((signal) =>
        pruneRuns({ settings: lm.settings, models: lm.invocation.out, keeps, device: where, metrics, signal }),
      ),
    ),
  );
  const result: PruneResult = {
    title: 'Language models without their smallest singular values',
    ...provenance(['npm run spectragrad -- prune', ...args]),
    ...studied,
  };
  const files = { Report: join(folder, 'prune.html'), Numbers: join(folder, 'prune.json') };
  writeFileSync(files.Report, renderPruneReport(result));
  writeFileSync(files.Numbers, `${JSON.stringify(result)}\n`);
  announce(json, result, () => words(result), files);
  return result.interrupted ? 130 : 0;
}

/** The table and the curves, as a terminal shows them. */
function words({ model, data, runs, interrupted }: PruneResult): string {
  const { columns = 80 } = process.stdout;
  const chart = renderChart(pruneSeries(runs), {
    title: 'Perplexity',
    xLabel: 'share of singular values left out',
    width: Math.min(100, columns),
    colour: wantsColour(process.stdout, process.env),
  });
  const note = interrupted ? '\nInterrupted: the numbers describe what was done until then.\n' : '';
  return `\n${model}\n${data}\n\n${renderTable(pruneTable(runs))}\n${note}\n${chart}\n`;
}
