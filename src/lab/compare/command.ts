import { contestantsOf } from './compare.ts';
import { conduct } from './conduct.ts';
import { compareHelp, parseCompare } from './options.ts';

/**
 * `spectragrad compare`: train, show, report.
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError for a mistake in the arguments
 */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const options = parseCompare(args);
  if (options.help) {
    process.stdout.write(`${compareHelp}\n`);
    return 0;
  }
  const { settings } = options;
  const title = 'Training an MLP on handwritten digits';
  return conduct({ title, contestants: contestantsOf(settings), settings }, options, ['npm start --', ...args]);
}
