import { basename } from 'node:path';
import { DamagedFile } from '../data/damaged.ts';
import { openFile } from '../data/textFile.ts';
import type { ChoiceTask } from './choices.ts';
import { type TaskFormatName, taskFormats } from './formats.ts';
import { jsonLines } from './jsonLine.ts';

/**
 * A task from a file of JSON lines, plain or packed (`.gz`), named after the file.
 * @param format default: the first line tells
 * @throws DamagedFile when a line is not of the form, with its number; ReportedError when the file cannot be read
 */
export function readTask(path: string, format?: TaskFormatName): ChoiceTask {
  const lines = jsonLines(openFile(path));
  const names = Object.keys(taskFormats) as TaskFormatName[];
  const found = format ?? names.find((name) => lines[0].get(taskFormats[name].sign) !== undefined);
  if (found === undefined) {
    const signs = names.map((name) => `'${taskFormats[name].sign}' (${name})`);
    throw new DamagedFile(path, 1, `is of no known form: it has none of ${signs.join(', ')}`);
  }
  return { name: basename(path).replace(/\.jsonl?(\.gz)?$/, ''), items: lines.map(taskFormats[found].read) };
}
