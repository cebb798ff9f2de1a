import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Rng } from '../../tensor/rng.ts';
import { DamagedFile } from '../data/damaged.ts';
import { linesOf, needFile, openFile, type TextFile } from '../data/textFile.ts';
import { ReportedError, UsageError } from '../usage.ts';
import { splitPairs } from './splitPairs.ts';
import type { Pairs, ParallelText } from './text.ts';
import { typescriptMessages } from './typescriptMessages.ts';

/** From which language to which, as the ends of files' names or the folders of the TypeScript compiler have them: `de`, `pt-br`. */
export interface Languages {
  readonly source: string;
  readonly target: string;
}

/** Names of the files of each part without the language, the first that is there counts: Multi30K's, and those in common use. */
const stems = {
  train: ['train'],
  val: ['val', 'valid', 'dev'],
  test: ['test_2016_flickr', 'test'],
} as const;

/**
 * The translations that `--data` names: `typescript`, or a folder.
 * @param rng divides what is not divided
 * @throws UsageError when there is neither, or no such language; ReportedError when the folder is damaged, or the package not installed
 */
export function openParallelText(data: string, languages: Languages, rng: Rng): ParallelText {
  const { source, target } = languages;
  if (source === target) throw new UsageError(`a translation is between two languages, got '${source}' twice`);
  if (data === 'typescript') {
    const { name, ...pairs } = typescriptMessages(languages);
    return { name, ...splitPairs(pairs, rng) };
  }
  if (!existsSync(data)) throw new UsageError(`--data is a folder or typescript, got '${data}'`);
  return readParallelFolder(data, languages);
}

/**
 * The translations in a folder of Multi30K's layout, plain or packed (`.gz`): `train.de` and `train.en`, `val.…`, and `test_2016_flickr.…`
 * or `test.…`. The parts are taken as they are.
 * @throws ReportedError when a file is missing; DamagedFile as `readPairs` does
 */
export function readParallelFolder(folder: string, { source, target }: Languages): ParallelText {
  const part = (kind: keyof typeof stems): Pairs => {
    const names = stems[kind].map((stem) => `${stem}.${source}`);
    const at = names.findIndex((name) => [name, `${name}.gz`].some((one) => existsSync(join(folder, one))));
    if (at < 0) throw new ReportedError(`${folder}: holds no ${names.join(' nor ')}, plain or packed (.gz)`);
    return readPairs(needFile(folder, names[at]), needFile(folder, `${stems[kind][at]}.${target}`));
  };
  return {
    name: `${basename(folder)}, ${source}-${target}`,
    train: part('train'),
    val: part('val'),
    test: part('test'),
  };
}

/**
 * The translations in two files, divided by `splitPairs`.
 * @throws DamagedFile as `readPairs` does; ReportedError when a file cannot be read, or has too few lines to be divided
 */
export function readParallelFiles(source: string, target: string, rng: Rng): ParallelText {
  const pairs = readPairs(openFile(source), openFile(target));
  if (pairs.source.length < 3)
    throw new DamagedFile(source, null, `${pairs.source.length} lines cannot be divided into three parts`);
  return { name: `${basename(source)}, ${basename(target)}`, ...splitPairs(pairs, rng) };
}

/**
 * Line i of one file with line i of the other. A line may be empty.
 * @throws DamagedFile when a file is empty, or one has a line that the other has not
 */
export function readPairs(source: TextFile, target: TextFile): Pairs {
  const [ours, theirs] = [source, target].map((file) => {
    const lines = linesOf(file);
    if (lines.length === 0) throw new DamagedFile(file.path, null, 'is empty');
    return lines;
  });
  if (ours.length !== theirs.length) {
    const [long, short] = ours.length > theirs.length ? [source, target] : [target, source];
    const end = Math.min(ours.length, theirs.length);
    throw new DamagedFile(long.path, end + 1, `has no line beside it: ${short.path} ends after ${end}`);
  }
  return { source: ours, target: theirs };
}
