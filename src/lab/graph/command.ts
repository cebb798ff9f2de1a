import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../tensor/io/npy.ts';
import { methodLabels } from '../compare/settings.ts';
import { announce, interruptible, type Metrics, metricsFile, openFolder, provenance } from '../output.ts';
import { slotsOf } from '../report/theme.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { formatPercent } from '../terminal/format.ts';
import { type Progress, progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import type { GraphObserver, Trained } from './experiment.ts';
import type { Graph } from './graph.ts';
import { type GraphOptions, graphHelp, parseGraph } from './options.ts';
import { embeddingsOf } from './pictures.ts';
import { type Problem, problemOf } from './problem.ts';
import { renderGraphReport } from './report.ts';
import type { GraphResult } from './results.ts';
import { type GraphSettings, modelLabels, taskLabels } from './settings.ts';
import { openGraph } from './sources.ts';
import { graphMetrics, graphTable, metricLabels } from './summary.ts';

/**
 * `spectragrad graph`: train a network on a graph, show, report.
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError when the graph cannot be read
 */
export async function graphCommand(args: readonly string[]): Promise<number> {
  const options = parseGraph(args);
  if (options.help) {
    process.stdout.write(`${graphHelp}\n`);
    return 0;
  }
  const graph = openGraph(options.data, options.task);
  const settings = options.settings(graph.name);
  return conduct(problemOf(graph, settings), graph, settings, options, ['npm run spectragrad -- graph', ...args]);
}

/** Progress on standard error, the table and the curves on standard output, the rest in a folder. */
async function conduct(
  problem: Problem,
  graph: Graph,
  settings: GraphSettings,
  { out, json }: GraphOptions,
  words: readonly string[],
): Promise<number> {
  const folder = openFolder(out);
  const metrics = metricsFile(folder, { ...settings, graph: graph.name });
  let interrupted = false;
  const trained = await interruptible(async (signal) => {
    const runs = await problem.train(watcher(settings, problem.shown, metrics), signal);
    interrupted = signal.aborted;
    return runs;
  });
  const result: GraphResult = {
    title: `${modelLabels[settings.model]} on ${graph.name}: ${taskLabels[settings.task]}`,
    ...provenance(words),
    ...described(graph, settings),
    seeds: settings.seeds,
    epochs: settings.recipes[settings.methods[0]].epochs,
    interrupted,
    shown: problem.shown,
    watchedBy: problem.watchedBy,
    methods: trained.map((one) => one.result),
  };
  const page = join(folder, 'index.html');
  writeFileSync(page, renderGraphReport(result, embeddingsOf(graph, trained)));
  metrics({ type: 'result', ...result });
  const files = { Report: page, Metrics: join(folder, 'metrics.jsonl'), ...savePoints(folder, trained) };
  announce(json, result, () => summary(result), files);
  return interrupted ? 130 : 0;
}

/** The graph and the network in words. */
function described(graph: Graph, settings: GraphSettings): Pick<GraphResult, 'data' | 'model'> {
  const { model, dim, methods, recipes } = settings;
  const { layers, c, trainableCurvature, dropout } = recipes[methods[0]];
  const curvature = model === 'gcn' || model === 'mlp' ? '' : `, c ${trainableCurvature ? 'trained from' : '='} ${c}`;
  return {
    data: `${graph.name}: ${graph.nodes} nodes, ${graph.edges.length / 2} edges, ${graph.featureCount} features`,
    model: `${modelLabels[model]}, dim ${dim}, ${layers} layers${curvature}, dropout ${dropout}`,
  };
}

/** `embeddings.npy` of the first method, and one with its name for each other. */
function savePoints(folder: string, trained: readonly Trained[]): Record<string, string> {
  const files = trained.map(({ result, points }, i): [string, string] => {
    const path = join(folder, i === 0 ? 'embeddings.npy' : `embeddings-${result.method}.npy`);
    writeFileSync(path, writeNpy(points));
    return [i === 0 ? 'Embeddings' : `Embeddings (${result.label})`, path];
  });
  return Object.fromEntries(files);
}

/** Progress on standard error, every event in the metrics. */
function watcher({ methods, seeds, recipes }: GraphSettings, shown: string, metrics: Metrics): GraphObserver {
  const slots = slotsOf(methods);
  let bar: Progress | null = null;
  return {
    begin(method, seed, run, runs) {
      const label = seeds.length > 1 ? `${methodLabels[method]} #${seed}` : methodLabels[method];
      const total = recipes[method].epochs;
      process.stderr.write(run === 0 ? `${runs} runs of at most ${total} epochs\n` : '');
      bar = progress({ label, total, stream: process.stderr, slot: slots[methods.indexOf(method)] });
    },
    event(method, seed, event) {
      metrics({ method, seed, ...event });
      if (event.type === 'epoch') bar?.update(event.epoch, event.loss);
    },
    end(method, seed, { epochs, points, geometry, ...run }) {
      metrics({ type: 'run', method, seed, epochs: epochs.length, ...run });
      const found = `${metricLabels[shown]} ${formatPercent(run.test[shown] ?? Number.NaN, 2)}`;
      bar?.done(`${found} (best epoch ${run.bestEpoch})`);
    },
  };
}

/** The table and the curves, as a terminal shows them. */
function summary(result: GraphResult): string {
  const { columns = 80 } = process.stdout;
  const chart = renderChart(graphMetrics(result), {
    title: `Validation: ${result.watchedBy}`,
    xLabel: 'epoch',
    width: Math.min(100, columns),
    colour: wantsColour(process.stdout, process.env),
    log: false,
  });
  const note = result.interrupted ? '\nInterrupted: the numbers describe what was done until then.\n' : '';
  const table = renderTable(graphTable(result.methods, 'short'));
  return `\n${result.model}\n${result.data}\n\n${table}\n${note}\n${chart}\n`;
}
