import '../../tensor/simd/install.ts';
import type { Device } from '../../tensor/device.ts';
import { openFile, type TextFile } from '../data/textFile.ts';
import { withDevice } from '../device.ts';
import { type LoadedModel, readModelFolder } from '../lm/modelFolder.ts';
import { provenance } from '../output.ts';
import type { ChoiceTask } from '../tasks/choices.ts';
import { readTask } from '../tasks/readTask.ts';
import { progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { taskScore, textScore } from './evaluate.ts';
import { evaluateHelp, parseEvaluate } from './options.ts';
import type { EvaluatedModel, EvaluateResult, TaskScore, TextScore } from './results.ts';
import { evaluateTables } from './tables.ts';

/**
 * `spectragrad evaluate`: zero-shot accuracy and perplexity of language models from their folders.
 * @returns the exit code
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
  const texts = options.texts.map(openFile);
  const loaded = options.models.map(readModelFolder);
  const models = await withDevice(options.device, async (device) => {
    const found: EvaluatedModel[] = [];
    for (const one of loaded) found.push(await evaluated(one, tasks, texts, options.batchSize, device));
    return found;
  });
  const result: EvaluateResult = { ...provenance(['npm run spectragrad -- evaluate', ...args]), models };
  const words = (): string => evaluateTables(models).map(renderTable).join('\n\n');
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `\n${words()}\n`);
  return 0;
}

/** Everything that is asked of one model, with its progress on standard error. */
async function evaluated(
  loaded: LoadedModel,
  tasks: readonly ChoiceTask[],
  texts: readonly TextFile[],
  batch: number,
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
