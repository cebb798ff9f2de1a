import { DamagedFile, shortened, wholeBelow } from '../data/damaged.ts';
import { linesOf, type TextFile } from '../data/textFile.ts';

/** A row of features for each node. */
export interface Features {
  readonly nodes: number;
  /** [nodes, featureCount] flat. */
  readonly features: Float32Array;
  readonly featureCount: number;
}

/**
 * Features, a line for each node: its numbers, or the places of its ones.
 * @param sparse whether lines list places
 * @param count how many features there are, where that is known
 * @throws DamagedFile when a line cannot be one, or there is none
 */
export function readFeatures(file: TextFile, sparse: boolean, count?: number): Features {
  const lines = linesOf(file);
  if (lines.length === 0) throw new DamagedFile(file.path, 1, 'has no line: there is one for each node');
  return sparse ? ones(file.path, lines, count) : numbers(file.path, lines);
}

function numbers(path: string, lines: readonly string[]): Features {
  const featureCount = lines[0].split(',').length;
  const features = new Float32Array(lines.length * featureCount);
  for (const [i, text] of lines.entries()) {
    const row = text.split(',');
    if (row.length !== featureCount)
      throw new DamagedFile(path, i + 1, `has ${row.length} columns, the first line has ${featureCount}`);
    for (const [j, field] of row.entries()) {
      const x = Math.fround(field.trim() === '' ? Number.NaN : Number(field));
      if (!Number.isFinite(x))
        throw new DamagedFile(path, i + 1, `a feature is a float32 number, got '${shortened(field)}'`);
      features[i * featureCount + j] = x;
    }
  }
  return { nodes: lines.length, features, featureCount };
}

/** Numbers that features may be, the zeros among them: a place that was misread must not fill the memory. */
const most = 2 ** 28;

function ones(path: string, lines: readonly string[], count?: number): Features {
  const rows = lines.map((text, i) => {
    const fields = text.trim() === '' ? [] : text.trim().split(/\s+/);
    const places = fields.map((field) => wholeBelow(count ?? most, field, 'a place', path, i + 1));
    if (new Set(places).size !== places.length) throw new DamagedFile(path, i + 1, 'names a place twice');
    return places;
  });
  const featureCount = count ?? rows.reduce((top, row) => row.reduce((a, b) => Math.max(a, b + 1), top), 0);
  if (rows.length * featureCount > most)
    throw new DamagedFile(path, null, `${featureCount} features of ${rows.length} nodes are more than ${most} numbers`);
  const features = new Float32Array(rows.length * featureCount);
  for (const [i, row] of rows.entries()) for (const j of row) features[i * featureCount + j] = 1;
  return { nodes: rows.length, features, featureCount };
}
