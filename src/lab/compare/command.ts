import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Rng } from '../../tensor/rng.ts';
import { loadDigits } from '../data/digits.ts';
import { renderReport } from '../report/page.ts';
import { lossSeries, summaryTable } from '../report/summary.ts';
import { methodSlot } from '../report/theme.ts';
import type { CompareResult } from '../results.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { type Progress, progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { UsageError } from '../usage.ts';
import { compare, type Observer, type Provenance } from './compare.ts';
import { compareHelp, parseCompare } from './options.ts';
import { type CompareSettings, methodLabels } from './settings.ts';

/** The digits are divided the same way whatever the seed of a run, so that runs compare. */
const dataSeed = 2405;

/**
 * `spectragrad compare`: train, show, report.
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError for a mistake in the arguments
 */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const { settings, out, json, help } = parseCompare(args);
  if (help) {
    process.stdout.write(`${compareHelp}\n`);
    return 0;
  }
  const folder = openFolder(out);
  const metrics = metricsFile(folder, settings);
  const data = loadDigits(new Rng(dataSeed));
  const result = await interruptible((signal) =>
    compare(settings, data, provenance(args), watcher(settings, metrics), signal),
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
function metricsFile(folder: string, settings: CompareSettings): Metrics {
  const file = openSync(join(folder, 'metrics.jsonl'), 'w');
  const write: Metrics = (line) => void writeSync(file, `${JSON.stringify(line)}\n`);
  write({ type: 'settings', ...settings });
  return write;
}

function provenance(args: readonly string[]): Provenance {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return {
    command: ['npm start --', ...args].join(' ').replace(/ --$/, ''),
    date: new Date().toISOString(),
    versions: { spectragrad: version, node: process.versions.node, v8: process.versions.v8 },
  };
}

/** Progress on standard error, every event in the metrics. */
function watcher(settings: CompareSettings, metrics: Metrics): Observer {
  let bar: Progress | null = null;
  return {
    begin(name, seed, run, runs) {
      const label = settings.seeds > 1 ? `${methodLabels[name]} #${seed}` : methodLabels[name];
      const slot = methodSlot(name, 0);
      process.stderr.write(run === 0 ? `${runs} runs of ${settings.steps} steps\n` : '');
      bar = progress({ label, total: settings.steps, stream: process.stderr, slot });
    },
    event(name, seed, event) {
      metrics({ method: name, seed, ...event });
      if (event.type === 'step') bar?.update(event.step + 1, event.loss);
    },
    end(name, seed, { losses, spectra, ...run }) {
      metrics({ type: 'run', method: name, seed, ...run });
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
