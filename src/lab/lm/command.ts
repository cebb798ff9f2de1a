import { conductSequence } from '../sequence/conduct.ts';
import { lmExperiment } from './experiment.ts';
import { lmHelp, parseLm } from './options.ts';

/**
 * `spectragrad lm`: train language models with each method, show, report, keep the models.
 * @returns the exit code: 0, or 130 when the runs were interrupted
 * @throws UsageError for a mistake in the arguments; ReportedError when the text cannot be read
 */
export async function lmCommand(args: readonly string[]): Promise<number> {
  const { settings, invocation, help } = parseLm(args);
  if (help) {
    process.stdout.write(`${lmHelp}\n`);
    return 0;
  }
  return conductSequence(lmExperiment(settings), invocation);
}
