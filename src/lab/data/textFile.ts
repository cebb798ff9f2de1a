import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ReportedError } from '../usage.ts';
import { DamagedFile } from './damaged.ts';

/** A text file of a data set. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Bytes that a packed file may grow to: more than any text may have. */
const largest = 2 ** 29;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The file of this name in a folder, plain or packed (`.gz`); the plain one where there are both.
 * @returns null when there is neither
 * @throws as `openFile` does
 */
export function findFile(folder: string, name: string): TextFile | null {
  const path = [name, `${name}.gz`].map((one) => join(folder, one)).find((one) => existsSync(one));
  return path === undefined ? null : openFile(path);
}

/**
 * The text of a file, unpacked if its name ends in `.gz`. A byte order mark is no part of it.
 * @throws DamagedFile when it cannot be unpacked, is not UTF-8 or too long; ReportedError when it cannot be read
 */
export function openFile(path: string): TextFile {
  const bytes = bytesOf(path);
  try {
    return { path, text: utf8.decode(bytes) };
  } catch {
    const line = brokenLine(bytes);
    throw new DamagedFile(path, line, line === null ? 'is longer than a text may be' : 'is not UTF-8');
  }
}

/**
 * The file of this name, which has to be there.
 * @throws as `findFile` does, and ReportedError when there is none
 */
export function needFile(folder: string, name: string): TextFile {
  const file = findFile(folder, name);
  if (file === null) throw new ReportedError(`${join(folder, name)}: no such file, nor ${name}.gz`);
  return file;
}

/** The lines of a file; the end of the last line begins no further one. */
export function linesOf({ text }: TextFile): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * The value of a JSON file.
 * @throws DamagedFile when it is none
 */
export function jsonOf({ path, text }: TextFile): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const place = /position (\d+)/.exec(why)?.[1] ?? text.length;
    const line = text.slice(0, Number(place)).split('\n').length;
    throw new DamagedFile(path, line, `is not JSON: ${why.replace(/\s+/g, ' ')}`);
  }
}

function bytesOf(path: string): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ReportedError(`${path}: cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: largest });
  } catch (error) {
    throw new DamagedFile(path, null, `cannot be unpacked: ${error instanceof Error ? error.message : error}`);
  }
}

/** The first line that is not UTF-8, if one is not. No byte within a character is a line end, so each line is UTF-8 by itself. */
function brokenLine(bytes: Uint8Array): number | null {
  for (let line = 1, start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      utf8.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop + 1;
  }
  return null;
}
