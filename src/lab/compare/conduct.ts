import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Rng } from '../../tensor/rng.ts';
import { loadDigits } from '../data/digits.ts';
import { renderReport } from '../report/page.ts';
import { lossSeries, summaryTable } from '../report/summary.ts';
import { slotsOf } from '../report/theme.ts';
import type { CompareResult } from '../results.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { type Progress, progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { UsageError } from '../usage.ts';
import { type Comparison, compare, type Observer, type Provenance } from './compare.ts';
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
  const metrics = metricsFile(folder, comparison);
  const data = loadDigits(new Rng(dataSeed));
  const result = await interruptible((signal) =>
    compare(comparison, data, provenance(words), watcher(comparison, metrics), signal),
  );
  const page = join(folder, 'index.html');
  writeFileSync(page, renderReport(result));
  metrics({ type: 'result', ...result });
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : summary(result));
  (json ? process.stderr : process.stdout).write(`\nReport: ${page}\nMetrics: ${join(folder, 'metrics.jsonl')}\n`);
  return result.interrupted ? 130 : 0;
}

/** Ctrl-C asks the run to end; a second one ends the process at once, as usual. */
async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}

function openFolder(out: string): string {
  const folder = resolve(out);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: cannot write to '${out}' (${(error as NodeJS.ErrnoException).code})`);
  }
  return folder;
}

type Metrics = (line: Readonly<Record<string, unknown>>) => void;

/** One JSON object a line, written as it happens. */
function metricsFile(folder: string, { settings, contestants }: Comparison): Metrics {
  const file = openSync(join(folder, 'metrics.jsonl'), 'w');
  const write: Metrics = (line) => void writeSync(file, `${JSON.stringify(line)}\n`);
  write({ type: 'settings', ...settings, contestants: contestants.map(({ id }) => id) });
  return write;
}

function provenance(words: readonly string[]): Provenance {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return {
    command: words.join(' ').replace(/ --$/, ''),
    date: new Date().toISOString(),
    versions: { spectragrad: version, node: process.versions.node, v8: process.versions.v8 },
  };
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
