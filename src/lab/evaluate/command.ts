import '../../tensor/simd/install.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../../tensor/device.ts';
import { openFile, type TextFile } from '../data/textFile.ts';
import { withDevice } from '../device.ts';
import { makeModels } from '../lm/made.ts';
import { type LoadedModel, readModelFolder } from '../lm/modelFolder.ts';
import { announce, interruptible, openFolder, provenance } from '../output.ts';
import { withThreads } from '../sequence/conduct.ts';
import type { ChoiceTask } from '../tasks/choices.ts';
import { readTask } from '../tasks/readTask.ts';
import { progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { taskScore, textScore } from './evaluate.ts';
import { type EvaluateOptions, evaluateHelp, parseEvaluate } from './options.ts';
import { renderEvaluateReport } from './report.ts';
import type { EvaluatedModel, EvaluateResult, TaskScore, TextScore } from './results.ts';
import { evaluateTables } from './tables.ts';

/** What models are asked. */
interface Questions {
  readonly tasks: readonly ChoiceTask[];
  readonly texts: readonly TextFile[];
  /** Continuations that are scored together. */
  readonly atOnce: number;
}

/**
 * `spectragrad evaluate`: zero-shot accuracy and perplexity of language models: a table, a report.
 * @returns the exit code: 0, or 130 when it was interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError naming the file that cannot be used
 */
export async function evaluateCommand(args: readonly string[]): Promise<number> {
  const options = parseEvaluate(args);
  if (options.help) {
    process.stdout.write(`${evaluateHelp}\n`);
    return 0;
  }
  // All files are read before anything is computed.
  const tasks = options.tasks.map(({ path, format }) => readTask(path, format));
  const questions = { tasks, texts: options.texts.map(openFile), atOnce: options.atOnce };
  const folders = await foldersOf(options);
  if (folders === null) return 130;
  const loaded = folders.map(readModelFolder);
  const folder = openFolder(options.out);
  const evaluated = await withDevice(options.device, (device) =>
    withThreads(options.threads, () => interruptible((signal) => evaluateAll(loaded, questions, device, signal))),
  );
  const title = 'Language models in tasks and on texts';
  const result: EvaluateResult = { title, ...provenance(['npm run spectragrad -- evaluate', ...args]), ...evaluated };
  const files = { Report: join(folder, 'evaluate.html'), Numbers: join(folder, 'evaluate.json') };
  writeFileSync(files.Report, renderEvaluateReport(result));
  writeFileSync(files.Numbers, `${JSON.stringify(result)}\n`);
  announce(options.json, result, () => `\n${evaluateTables(result.models).map(renderTable).join('\n\n')}\n`, files);
  return result.interrupted ? 130 : 0;
}

/** Where the models lie, trained if they are not there yet; null when that was interrupted. */
async function foldersOf({ models }: EvaluateOptions): Promise<readonly string[] | null> {
  if (!('lm' in models)) return models;
  const made = await makeModels(models);
  return made === null ? null : made.map(({ folder }) => folder);
}

/** Models one after the other, until they are all done or the signal ends it. */
async function evaluateAll(
  loaded: readonly LoadedModel[],
  questions: Questions,
  device: Device,
  signal: AbortSignal,
): Promise<Pick<EvaluateResult, 'models' | 'interrupted'>> {
  const models: EvaluatedModel[] = [];
  for (const one of loaded) {
    if (signal.aborted) break;
    models.push(await evaluated(one, questions, device));
  }
  return { models, interrupted: models.length < loaded.length };
}

/** Everything that is asked of one model, with its progress on standard error. */
async function evaluated(
  loaded: LoadedModel,
  { tasks, texts, atOnce: batch }: Questions,
  device: Device,
): Promise<EvaluatedModel> {
  const { name, model } = loaded;
  model.to(device);
  const taskScores: TaskScore[] = [];
  for (const task of tasks) {
    const total = task.items.reduce((sum, { choices }) => sum + choices.length, 0);
    const bar = progress({ label: `${name}: ${task.name}`, total, stream: process.stderr });
    taskScores.push(await taskScore(loaded, task, { batch, progress: (done) => bar.update(done) }));
    bar.done();
  }
  const textScores: TextScore[] = [];
  for (const text of texts) textScores.push(await textScore(loaded, text, device));
  await model.cpu();
  return {
    name,
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    tasks: taskScores,
    texts: textScores,
  };
}
