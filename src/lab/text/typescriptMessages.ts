import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../tensor/io/json.ts';
import { type DataPackage, packageFolder, wrongPackage } from '../data/packageFolder.ts';
import { UsageError } from '../usage.ts';
import type { Pairs } from './text.ts';

const TYPESCRIPT: DataPackage = { name: 'typescript', version: '6.0.3', holds: 'The messages' };

/** In each language folder of the compiler. */
const fileName = 'diagnosticMessages.generated.json';

/** A message where the compiler defines it: its number, its kind, its key and the English text, the last two as string literals. */
const definition = /\bdiag\(\s*\d+,\s*\d+ \/\* \w+ \*\/,\s*("(?:[^"\\]|\\.)*"),\s*("(?:[^"\\]|\\.)*")/g;

/** Fewer messages than this no version of the compiler has that is of this form. */
const fewest = 1000;

/**
 * What the TypeScript compiler says, in two of its languages: about 2,090 short pairs, in the order of their keys. English is taken from the
 * compiler's text, for it has no file of its own; messages that only a file of another language knows are left out.
 * @param languages names of the compiler's folders, such as `de`, `ja`, `pt-br`, and `en`
 * @source npm package typescript, Apache-2.0
 * @throws UsageError for another language; ReportedError when the package is not installed, or is of another form
 */
export function typescriptMessages(languages: {
  readonly source: string;
  readonly target: string;
}): Pairs & { readonly name: string } {
  const folder = packageFolder(TYPESCRIPT);
  const lib = join(folder, 'lib');
  if (!existsSync(join(lib, 'typescript.js'))) throw wrongPackage(TYPESCRIPT);
  const known = readdirSync(lib).filter((name) => existsSync(join(lib, name, fileName)));
  const english = englishMessages(readFileSync(join(lib, 'typescript.js'), 'utf8'));
  const read = (language: string): ReadonlyMap<string, string> => {
    if (language === 'en') return english;
    if (!known.includes(language))
      throw new UsageError(`the compiler speaks ${['en', ...known].sort().join(', ')}, got '${language}'`);
    return messagesIn(JSON.parse(readFileSync(join(lib, language, fileName), 'utf8')));
  };
  const [ours, theirs] = [read(languages.source), read(languages.target)];
  const keys = [...ours.keys()].filter((key) => theirs.has(key) && english.has(key)).sort();
  if (keys.length < fewest) throw wrongPackage(TYPESCRIPT);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    name: `messages of typescript ${version}, ${languages.source}-${languages.target}`,
    source: keys.map((key) => ours.get(key) as string),
    target: keys.map((key) => theirs.get(key) as string),
  };
}

/** English messages by key. */
function englishMessages(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(definition), ([, key, message]) => [JSON.parse(key), JSON.parse(message)]));
}

function messagesIn(file: unknown): ReadonlyMap<string, string> {
  const entries = isObject(file) ? Object.entries(file) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
