import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDevice } from '../device.ts';
import { type MadeModel, makeModels } from '../lm/made.ts';
import { announce, interruptible, metricsFile, openFolder, provenance } from '../output.ts';
import { withThreads } from '../sequence/conduct.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { renderTable } from '../terminal/table.ts';
import { type PruneOptions, parsePrune, pruneHelp } from './options.ts';
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
  const models = await makeModels(options);
  return models === null ? 130 : conduct(options, models, ['npm run spectragrad -- prune', ...args]);
}

/** Progress on standard error, the table and the curves on standard output, the rest in a folder. */
async function conduct(
  { lm: { settings }, out, keeps, device: name, threads, json }: PruneOptions,
  models: readonly MadeModel[],
  words: readonly string[],
): Promise<number> {
  const folder = openFolder(out);
  const metrics = metricsFile(folder, { ...settings, keeps }, 'on');
  const study = { settings, models, keeps, metrics, stream: process.stderr };
  const studied = await withDevice(name, (device) =>
    withThreads(threads, () => interruptible((signal) => pruneRuns({ ...study, device, signal }))),
  );
  const title = 'Language models without their smallest singular values';
  const result: PruneResult = { title, ...provenance(words), ...studied };
  const files = { Report: join(folder, 'prune.html'), Numbers: join(folder, 'prune.json') };
  writeFileSync(files.Report, renderPruneReport(result));
  writeFileSync(files.Numbers, `${JSON.stringify(result)}\n`);
  announce(json, result, () => summary(result), files);
  return result.interrupted ? 130 : 0;
}

/** The table and the curves, as a terminal shows them. */
function summary({ model, data, runs, interrupted }: PruneResult): string {
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
