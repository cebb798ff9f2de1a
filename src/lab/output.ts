import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Provenance } from './results.ts';
import { UsageError } from './usage.ts';

/** Keeps one line of what happened in a run. */
export type Metrics = (line: Readonly<Record<string, unknown>>) => void;

/**
 * The folder for what a command writes, made where it does not exist.
 * @returns its full path
 * @throws UsageError when it cannot be made
 */
export function openFolder(out: string): string {
  const folder = resolve(out);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: cannot write to '${out}' (${(error as NodeJS.ErrnoException).code})`);
  }
  return folder;
}

/**
 * `metrics.jsonl` in a folder, one JSON object a line, written as it happens; it begins with the settings.
 * @param how `anew` (default), or `on`: after what is there already
 */
export function metricsFile(
  folder: string,
  settings: Readonly<Record<string, unknown>>,
  how: 'anew' | 'on' = 'anew',
): Metrics {
  const file = openSync(join(folder, 'metrics.jsonl'), how === 'on' ? 'a' : 'w');
  const write: Metrics = (line) => void writeSync(file, `${JSON.stringify(line)}\n`);
  write({ type: 'settings', ...settings });
  return write;
}

/** Ctrl-C asks the run to end; a second one ends the process at once, as usual. */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}

/** How and with what a run is made. @param words the command line that repeats it */
export function provenance(words: readonly string[]): Provenance {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return {
    command: words.join(' ').replace(/ --$/, ''),
    date: new Date().toISOString(),
    versions: { spectragrad: version, node: process.versions.node, v8: process.versions.v8 },
  };
}

/**
 * Show the end of a run: its result as JSON or in words on standard output, then where each file lies (on standard error beside JSON,
 * which stays alone).
 * @param files names of what was written, such as `Report`, and paths
 */
export function announce(
  json: boolean,
  result: unknown,
  words: () => string,
  files: Readonly<Record<string, string>>,
): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : words());
  const places = Object.entries(files).map(([name, path]) => `${name}: ${path}\n`);
  (json ? process.stderr : process.stdout).write(`\n${places.join('')}`);
}
