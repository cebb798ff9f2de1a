import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Rng } from '../../tensor/rng.ts';
import { DamagedFile } from '../data/damaged.ts';
import { linesOf, needFile, openFile, type TextFile } from '../data/textFile.ts';
import { UsageError } from '../usage.ts';
import { brown } from './brown.ts';
import type { Parts, PlainText } from './text.ts';

/** The share of a file's lines that is held back for validation, and again for testing: one in so many. */
const heldOne = 20;

/**
 * The text that `--data` names: `brown`, a folder with `train.txt`, `val.txt` and `test.txt` (plain or `.gz`), or files.
 * @param data one name, or several files
 * @param rng divides the documents of Brown
 * @throws UsageError when there is none of these; ReportedError when one cannot be read or divided, or the package is not installed
 */
export function openPlainText(data: string | readonly string[], rng: Rng): PlainText {
  if (data === 'brown') return brown(rng);
  const paths = typeof data === 'string' ? [data] : data;
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined || paths.length === 0)
    throw new UsageError(`--data is brown, a folder or a file, got '${missing ?? ''}'`);
  return paths.length === 1 && statSync(paths[0]).isDirectory() ? readTextFolder(paths[0]) : readTextFiles(paths);
}

/** A folder whose parts are files; each file is one document. */
function readTextFolder(folder: string): PlainText {
  const part = (name: string): string[] => {
    const file = needFile(folder, name);
    return [filled(file).join('\n')];
  };
  return { name: basename(folder), train: part('train.txt'), val: part('val.txt'), test: part('test.txt') };
}

/**
 * Files, each divided where it stands: its last twentieth of lines is for testing, the twentieth before it for validation, each at least a line.
 * Neighbouring lines so stay together, and no part knows how a sentence of another goes on, but at two places.
 */
function readTextFiles(paths: readonly string[]): PlainText {
  const parts = paths.map((path) => divided(openFile(path)));
  const part = (name: keyof Parts<string>): string[] => parts.map((one) => one[name]);
  return {
    name: paths.map((path) => basename(path)).join(', '),
    train: part('train'),
    val: part('val'),
    test: part('test'),
  };
}

function divided(file: TextFile): Parts<string> {
  const lines = filled(file);
  const held = Math.max(1, Math.floor(lines.length / heldOne));
  const [val, test] = [lines.length - 2 * held, lines.length - held];
  if (val < 1) throw new DamagedFile(file.path, null, `${lines.length} lines cannot be divided into three parts`);
  const part = (start: number, end: number): string => lines.slice(start, end).join('\n');
  return { train: part(0, val), val: part(val, test), test: part(test, lines.length) };
}

/** The lines of a file that has some. */
function filled(file: TextFile): string[] {
  const lines = linesOf(file);
  if (lines.length === 0) throw new DamagedFile(file.path, null, 'is empty');
  return lines;
}
