import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PointEmbedding } from '../../hyperbolic/embedding.ts';
import { writeNpy } from '../../tensor/io/npy.ts';
import { type Closure, wordnetClosure } from '../graph/wordnet.ts';
import { announce, interruptible, type Metrics, metricsFile, openFolder, provenance } from '../output.ts';
import { pictureFile } from '../report/disk.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { formatCount } from '../terminal/format.ts';
import { type Progress, progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { UsageError } from '../usage.ts';
import { depthRows } from './depths.ts';
import { type EmbedOptions, embedHelp, parseEmbed } from './options.ts';
import { embeddingPicture, wordOf } from './picture.ts';
import { embedTable, renderEmbedReport } from './report.ts';
import type { EmbedResult } from './results.ts';
import { type EmbedEvent, trainEmbedding } from './run.ts';
import { type EmbedSettings, spaceLabels } from './settings.ts';

/**
 * `spectragrad embed`: embed a tree of WordNet, show, report.
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError when WordNet cannot be read
 */
export async function embedCommand(args: readonly string[]): Promise<number> {
  const options = parseEmbed(args);
  if (options.help) {
    process.stdout.write(`${embedHelp}\n`);
    return 0;
  }
  const { root } = options.settings;
  const closure = wordnetClosure(root);
  if (closure.pairs.length === 0) throw new UsageError(`--root: nothing is a kind of '${root}' in WordNet`);
  return conduct(closure, options, ['npm run spectragrad -- embed', ...args]);
}

/** Progress on standard error, the table and the curve on standard output, the rest in a folder. */
async function conduct(
  closure: Closure,
  { settings, out, json }: EmbedOptions,
  words: readonly string[],
): Promise<number> {
  const folder = openFolder(out);
  const metrics = metricsFile(folder, { ...settings });
  let interrupted = false;
  const { embedding, ...run } = await interruptible(async (signal) => {
    const watched = watcher(settings, metrics);
    const trained = await trainEmbedding(closure, settings, watched.see, signal);
    watched.end(trained.quality.at(-1)?.map ?? Number.NaN);
    interrupted = signal.aborted;
    return trained;
  });
  const result: EmbedResult = {
    title: `${wordOf(closure.names[0])} in hyperbolic space`,
    ...described(closure, settings),
    ...provenance(words),
    ...run,
    seed: settings.seed,
    dim: settings.dim,
    epochs: settings.epochs,
    parameters: embedding.weight.size,
    depths: depthRows(embedding, closure.depths),
    interrupted,
  };
  const files = writeFiles(folder, closure, embedding, result, settings.c);
  metrics({ type: 'result', ...result });
  announce(json, result, () => summary(result), files);
  return interrupted ? 130 : 0;
}

/** The report, the picture, the points and their names; the paths by what lies there. */
function writeFiles(
  folder: string,
  closure: Closure,
  embedding: PointEmbedding,
  result: EmbedResult,
  c: number,
): Record<string, string> {
  const disk = embeddingPicture(embedding, closure, c);
  const files = {
    Report: join(folder, 'index.html'),
    Picture: join(folder, 'disk.svg'),
    Points: join(folder, 'embeddings.npy'),
    Names: join(folder, 'names.txt'),
    Metrics: join(folder, 'metrics.jsonl'),
  };
  writeFileSync(files.Report, renderEmbedReport(result, disk));
  writeFileSync(files.Picture, pictureFile(disk));
  writeFileSync(files.Points, writeNpy(embedding.weight));
  writeFileSync(files.Names, `${closure.names.join('\n')}\n`);
  return files;
}

/** The data and the space in words. */
function described({ names, pairs }: Closure, settings: EmbedSettings): Pick<EmbedResult, 'data' | 'model'> {
  const { model, dim, c, learningRate, batchSize, negatives, burnIn, dtype } = settings;
  return {
    data: `${formatCount(names.length)} nouns and ${formatCount(pairs.length / 2)} pairs of WordNet`,
    model:
      `${spaceLabels[model]}, ${dim} dimensions, c = ${c}, ${dtype}, Riemannian gradient descent at rate ${learningRate}, ` +
      `batch ${batchSize}, ${negatives} negatives, burn-in ${burnIn}`,
  };
}

interface Watcher {
  see(event: EmbedEvent): void;
  end(map: number): void;
}

/** Progress on standard error, every event in the metrics. */
function watcher({ epochs, model }: EmbedSettings, metrics: Metrics): Watcher {
  const bar: Progress = progress({ label: model, total: epochs, stream: process.stderr, slot: 2 });
  return {
    see(event) {
      metrics({ ...event });
      if (event.type === 'epoch') bar.update(event.epoch, event.loss);
    },
    end(map) {
      bar.done(`MAP ${map.toFixed(4)}`);
    },
  };
}

/** The table and the curve, as a terminal shows them. */
function summary(result: EmbedResult): string {
  const { columns = 80 } = process.stdout;
  const points = result.curve.map(({ step, loss }) => ({ x: step, y: loss }));
  const chart = renderChart([{ label: 'loss', slot: 2, points }], {
    title: 'Loss',
    xLabel: 'epoch',
    width: Math.min(100, columns),
    colour: wantsColour(process.stdout, process.env),
  });
  const note = result.interrupted ? '\nInterrupted: the numbers describe what was done until then.\n' : '';
  return `\n${result.model}\n${result.data}\n\n${renderTable(embedTable(result))}\n${note}\n${chart}\n`;
}
