import type { Device } from '../../tensor/device.ts';
import { openText } from '../lm/corpus.ts';
import type { MadeModel } from '../lm/made.ts';
import { type LoadedModel, readModelFolder } from '../lm/modelFolder.ts';
import type { LmSettings } from '../lm/settings.ts';
import { blockLogits, heldText, modelText } from '../lm/task.ts';
import { perplexity } from '../metrics/perplexity.ts';
import type { Metrics } from '../output.ts';
import { slotsOf } from '../report/theme.ts';
import { likelihood } from '../sequence/measure.ts';
import type { TextStream } from '../terminal/colour.ts';
import { formatCount, formatNumber } from '../terminal/format.ts';
import { progress } from '../terminal/progress.ts';
import { type RunningText, runningText } from '../text/blocks.ts';
import { type PrunePoint, pruneCurve } from './curve.ts';
import type { PrunedRun, PruneResult } from './results.ts';

/** Which models are pruned, and how. */
export interface Study {
  /** With what the models were made. */
  readonly settings: LmSettings;
  readonly models: readonly MadeModel[];
  readonly keeps: readonly number[];
  readonly device: Device;
  readonly metrics: Metrics;
  /** Where progress is shown. */
  readonly stream: TextStream;
  /** Ends the study before the next share. */
  readonly signal?: AbortSignal;
}

/**
 * Prune every model, and measure what is left on the test part of the text that it was trained on.
 * @throws ReportedError when a file of one cannot be used
 */
export async function pruneRuns(study: Study): Promise<Pick<PruneResult, 'data' | 'model' | 'interrupted' | 'runs'>> {
  const { settings, models, signal } = study;
  const text = openText(settings.data);
  const runs: PrunedRun[] = [];
  let [data, model] = ['', ''];
  for (const { method, rank, seed, name, label, folder } of models) {
    if (signal?.aborted) break;
    const loaded = readModelFolder(folder);
    const test = runningText(text.test, loaded.tokenizer);
    data = `${text.name}: ${formatCount(test.tokens.length - 1)} tokens for testing`;
    model = modelText(loaded.configuration);
    const points = await pruned(loaded, test, name, label, study);
    if (points.length > 0) runs.push({ method, rank, seed, label, points });
  }
  return { data, model, interrupted: signal?.aborted === true, runs };
}

/** The curve of one model, with its progress on standard error. */
async function pruned(
  { model }: LoadedModel,
  test: RunningText,
  name: string,
  label: string,
  { settings: { length, batchSize: rows }, keeps, device, metrics, stream, signal }: Study,
): Promise<PrunePoint[]> {
  const part = heldText(test, { length, rows });
  const place = { task: { logits: blockLogits }, model, device };
  const measure = async () => {
    model.to(device);
    return perplexity(await likelihood(place, part));
  };
  const bar = progress({ label, total: new Set([1, ...keeps]).size, stream, slot: slotsOf([name])[0] });
  const points: PrunePoint[] = [];
  for await (const point of pruneCurve(model, keeps, measure)) {
    points.push(point);
    metrics({ type: 'pruned', run: name, ...point });
    bar.update(points.length);
    if (signal?.aborted) break;
  }
  const [first, last] = [points[0], points.at(-1)].map((point) => formatNumber(point?.test.perToken ?? Number.NaN));
  bar.done(`perplexity ${first} to ${last}`);
  return points;
}
