/** The command line as a user runs it: in a process of its own, in folders that go afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** How a run ended, and what it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Run `spectragrad` with these arguments; `watch` sees what it has written to standard error so far. */
export function spectragrad(
  args: readonly string[],
  watch: (child: ChildProcess, err: string) => void = () => {},
): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    watch(child, err);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** A `watch` that presses Ctrl-C, once, when the first step is reported. */
export function interrupting(): (child: ChildProcess, err: string) => void {
  let asked = false;
  return (child, written) => {
    if (asked || !/step +\d+\//.test(written)) return;
    asked = child.kill('SIGINT');
  };
}

/** Lend a new folder to a function, and remove it afterwards. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spectragrad-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lines of a run's `metrics.jsonl`. */
export const metricsIn = (folder: string): Record<string, unknown>[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
