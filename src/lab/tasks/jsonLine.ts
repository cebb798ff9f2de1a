import { isObject } from '../../tensor/io/json.ts';
import { DamagedFile, memberAt, shown } from '../data/damaged.ts';
import { linesOf, type TextFile } from '../data/textFile.ts';

/** One line of a file of JSON lines: an object. Members are named by paths, such as `question.stem`. */
export interface JsonLine {
  /** A member, undefined where there is none. */
  get(path: string): unknown;
  /** @throws DamagedFile when it is no text, or has nothing but white space */
  text(path: string): string;
  /** @throws DamagedFile when it is no list of such texts, at least two */
  texts(path: string): readonly string[];
  /** @throws DamagedFile always, with the file, the number of the line, and what is wrong */
  refuse(why: string): never;
}

/**
 * The lines of a file, each a JSON object; lines without text are passed over.
 * @throws DamagedFile when there are none, or one is no object
 */
export function jsonLines(file: TextFile): JsonLine[] {
  const lines = linesOf(file).flatMap((text, i) => (text.trim() === '' ? [] : jsonLine(file.path, i + 1, text)));
  if (lines.length === 0) throw new DamagedFile(file.path, null, 'is empty');
  return lines;
}

function jsonLine(path: string, number: number, text: string): JsonLine {
  const refuse = (why: string): never => {
    throw new DamagedFile(path, number, why);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(`is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
  if (!isObject(value)) refuse(`is a JSON object, got ${shown(value)}`);
  const get = (member: string): unknown => memberAt(value, member);
  return {
    get,
    text(member) {
      const found = get(member);
      return isText(found) ? found : refuse(`'${member}' is a text, got ${shown(found)}`);
    },
    texts(member) {
      const found = get(member);
      if (Array.isArray(found) && found.length > 1 && found.every(isText)) return found;
      return refuse(`'${member}' is a list of texts, two or more, got ${shown(found)}`);
    },
    refuse,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
